/** Which project a request says it is for, read from its beginning alone, before anything of it is checked. */
import { constants, gunzipSync, inflateSync } from 'node:zlib'

/** So much of a body is looked at: SDKs put the token among the first properties of an event. */
export const claimBytesMax = 4096
/** And so much of what it inflates to, however small a bomb is. */
const inflatedBytesMax = 64 * 1024

/** The first field in which SDKs name the project: `token` of events, `$token` of updates of profiles. */
const tokenField = /"\$?token"\s*:\s*"([0-9a-f]{32})"/
const dataField = /(?:^|&)data=([^&]*)/

/**
 * The first token in the beginning of a body. Nothing is proven by it: whoever knows a project's token, which is no secret,
 * can send events to that project as well.
 */
export function claimedToken(begin: Uint8Array, contentEncoding: string | undefined): string | undefined {
  const bytes = inflateBegin(begin.subarray(0, claimBytesMax), contentEncoding)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const data = isJson(text) ? undefined : dataField.exec(text)?.[1]
  return tokenIn(data === undefined ? text : unescapeBytes(data))
}

/** The same for the query's `data`. */
export function claimedTokenOfData(data: string): string | undefined {
  return tokenIn(data.slice(0, claimBytesMax))
}

/** @param data JSON or base64 of JSON, that may end anywhere */
function tokenIn(data: string): string | undefined {
  const json = isJson(data) ? data : Buffer.from(data, 'base64').toString('latin1')
  return tokenField.exec(json)?.[1]
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

function unescapeBytes(text: string): string {
  const escaped = /%([0-9a-f]{2})/gi
  return text
    .replaceAll('+', ' ')
    .replace(escaped, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

/** What the beginning inflates to; nothing where it is broken or becomes too much. */
function inflateBegin(begin: Uint8Array, contentEncoding: string | undefined): Uint8Array {
  const encoding = (contentEncoding ?? '').trim().toLowerCase()
  const decompress = { gzip: gunzipSync, 'x-gzip': gunzipSync, deflate: inflateSync }[encoding]
  if (decompress === undefined) return begin
  try {
    // Flushed, it gives what it has and doesn't ask for the rest.
    return decompress(begin, { maxOutputLength: inflatedBytesMax, finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    return new Uint8Array()
  }
}
