import { refuseRequest } from './request-refusal.ts'

/** Fatal: a replacement character in the place of what was sent would be a silent change. Drops a byte order mark. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

export function decodeText(bytes: Uint8Array): string {
  return decode(utf8, bytes)
}

function decode(decoder: typeof utf8, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw refuseRequest('INGEST_BODY_INVALID', 'body is not valid UTF-8: send JSON text encoded as UTF-8')
  }
}

const utf8Further = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const leadOfHalf = 0xed

/**
 * UTF-8, in which a character beyond U+FFFF may also stand as its two halves of three bytes each (CESU-8, Unicode Technical
 * Report 26): mixpanel-browser 2.83 makes its base64 of such text.
 */
export function decodeSdkText(bytes: Uint8Array): string {
  const text: string[] = []
  let start = 0
  for (let at = nextHalf(bytes, 0); at !== -1; at = nextHalf(bytes, start)) {
    text.push(decode(start === 0 ? utf8 : utf8Further, bytes.subarray(start, at)))
    const [second = 0, third = 0] = bytes.subarray(at + 1, at + 3)
    text.push(String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)))
    start = at + 3
  }
  return text.join('') + decode(start === 0 ? utf8 : utf8Further, bytes.subarray(start))
}

/** Where the next half of a character begins: `ED`, `A0` to `BF`, and a byte that goes on. */
function nextHalf(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(leadOfHalf, from); at !== -1; at = bytes.indexOf(leadOfHalf, at + 1)) {
    const [second = 0, third = 0] = bytes.subarray(at + 1, at + 3)
    if (second >= 0xa0 && second <= 0xbf && third >= 0x80 && third <= 0xbf) return at
  }
  return -1
}
