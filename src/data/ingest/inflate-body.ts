import { gunzipSync, inflateSync } from 'node:zlib'
import { requestBytesMax } from './limits.ts'
import { refuseRequest } from './request-refusal.ts'

/** Undoes Content-Encoding. Output stops at the limit, so that a small bomb costs no more than an honest body. */
export function inflateBody(body: Uint8Array, contentEncoding: string | undefined): Uint8Array {
  const encoding = (contentEncoding ?? '').trim().toLowerCase()
  if (body.length === 0 || encoding === '' || encoding === 'identity') return body
  if (encoding === 'gzip' || encoding === 'x-gzip') return inflate(gunzipSync, body, 'gzip')
  if (encoding === 'deflate') return inflate(inflateSync, body, 'deflate')
  throw refuseRequest(
    'INGEST_FORMAT_UNSUPPORTED',
    'Content-Encoding is not supported: send gzip, deflate, or an uncompressed body without the header',
  )
}

/** What a body over the limit is answered, in Mixpanel's words. */
export const tooManyBytes = `request exceeds max limit of ${requestBytesMax} bytes`

function inflate(decompress: typeof gunzipSync, body: Uint8Array, encoding: string): Uint8Array {
  try {
    return decompress(body, { maxOutputLength: requestBytesMax, chunkSize: chunkBytes(body.length) })
  } catch (cause) {
    if (isTooLarge(cause)) throw refuseRequest('INGEST_TOO_LARGE', tooManyBytes)
    throw refuseRequest(
      'INGEST_BODY_INVALID',
      `body is not valid ${encoding}: send complete ${encoding} data, or drop the Content-Encoding header`,
    )
  }
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
}

/** JSON inflates about eightfold: fewer, larger chunks save copies, small bodies stay small. */
function chunkBytes(bodyBytes: number): number {
  return Math.min(Math.max(bodyBytes * 8, 4096), 1024 * 1024)
}
