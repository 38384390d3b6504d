/** Places in the bytes of valid JSON. None of these looks beyond `end`, whatever the bytes are. */

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

/** The place of the quote that ends the string whose first character is at `at`. */
export function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  let place = at
  while (place < end) {
    const byte = bytes[place]
    if (byte === quote) return place
    place += byte === backslash ? 2 : 1
  }
  return place
}

/** The place behind the value that begins at `at`. */
export function valueEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]
  if (first === quote) return stringEnd(bytes, at + 1, end) + 1
  return first === openBrace || first === openBracket ? nestedEnd(bytes, at, end) : scalarEnd(bytes, at, end)
}

function nestedEnd(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0
  let place = at
  while (place < end) {
    const byte = bytes[place]
    place += 1
    if (byte === quote) place = stringEnd(bytes, place, end) + 1
    else if (byte === openBrace || byte === openBracket) depth += 1
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1
      if (depth === 0) return place
    }
  }
  return place
}

/** A number, true, false or null. */
function scalarEnd(bytes: Uint8Array, at: number, end: number): number {
  let place = at
  while (place < end) {
    const byte = bytes[place]
    if (byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte)) return place
    place += 1
  }
  return place
}

export function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && byte <= 0x20
}

/** Whether a backslash stands in that range. */
export function hasEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let place = from; place < to; place++) if (bytes[place] === backslash) return true
  return false
}
