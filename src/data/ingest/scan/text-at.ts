// A byte order mark is dropped only at the start of a body (decode-text.ts): anywhere else it is part of what was sent.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** @param bytes valid UTF-8 in `from..to` */
export function textAt(bytes: Uint8Array, from: number, to: number): string {
  return utf8.decode(bytes.subarray(from, to))
}
