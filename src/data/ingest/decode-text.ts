import { refuseRequest } from './request-refusal.ts'

/** Fatal: a replacement character in the place of what was sent would be a silent change. Drops a byte order mark. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw refuseRequest('INGEST_BODY_INVALID', 'body is not valid UTF-8: send JSON text encoded as UTF-8')
  }
}
