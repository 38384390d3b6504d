/** The bytes that give JSON its shape. In UTF-8 none of them is ever a part of another character. */
export const byte = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

export function isSpace(value: number | undefined): boolean {
  return value === byte.space || value === byte.newline || value === byte.carriageReturn || value === byte.tab
}

/** Nothing that a JSON text can begin with: a space, or a byte of a byte order mark. */
export function isPadding(value: number | undefined): boolean {
  return isSpace(value) || (value !== undefined && byteOrderMark.includes(value))
}

/** The text without spaces around it, and without the byte order mark that joined files leave in the middle. */
export function trimText(text: Buffer): Buffer {
  let start = text.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
  let end = text.length
  while (start < end && isSpace(text[start])) start += 1
  while (end > start && isSpace(text[end - 1])) end -= 1
  return text.subarray(start, end)
}
