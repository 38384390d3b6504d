import { gunzipSync, inflateSync } from 'node:zlib'
import { requestBytesMax } from './limits.ts'
import { refuseRequest } from './request-refusal.ts'

/** Undoes Content-Encoding. Output stops at the limit, so that a small bomb costs no more than an honest body. */
export function inflateBody(body: Uint8Array, contentEncoding: string | undefined): Uint8Array {
  const encoding = (contentEncoding ?? '').trim().toLowerCase()
  if (body.length === 0 || encoding === '' || encoding === 'identity') return body
  if (encoding === 'gzip' || encoding === 'x-gzip')
    return inflate(gunzipSync, body, chunkBytes(bytesDeclared(body)), 'gzip')
  if (encoding === 'deflate')
    return inflate(inflateSync, body, chunkBytes(body.length * inflation), 'deflate')
  throw refuseRequest(
    'INGEST_FORMAT_UNSUPPORTED',
    'Content-Encoding is not supported: send gzip, deflate, or an uncompressed body without the header',
  )
}

/** JSON of events packs about this many times smaller. */
const inflation = 8

/** What a body over the limit is answered, in Mixpanel's words. */
export const tooManyBytes = `request exceeds max limit of ${requestBytesMax} bytes`

function inflate(
  decompress: typeof gunzipSync,
  body: Uint8Array,
  chunkSize: number,
  encoding: string,
): Uint8Array {
  try {
    return decompress(body, { maxOutputLength: requestBytesMax, chunkSize })
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

/** Deflate makes no more of a byte: what claims to be more is broken, or lies. */
const inflationMax = 1032

/**
 * What gzip says of itself in its last bytes, little-endian: a chunk of that length needs no copy. Nothing trusts it: thirty
 * bytes of a broken body must not take ten megabytes.
 */
function bytesDeclared(gzip: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = gzip.subarray(-4)
  return Math.min(a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24, gzip.length * inflationMax)
}

function chunkBytes(bytesExpected: number): number {
  // One more: a chunk that is full makes zlib ask for another.
  return Math.min(Math.max(bytesExpected + 1, 4096), requestBytesMax)
}
