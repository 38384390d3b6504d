import {
  backslash,
  carriageReturn,
  closeBrace,
  closeBracket,
  comma,
  newline,
  openBrace,
  openBracket,
  quote,
  space,
  tab,
} from './ascii.ts'
import { notThere } from './place.ts'

/** The first byte from `at` on that is no JSON white space. */
export function skipWhiteSpace(bytes: Uint8Array, at: number): number {
  let index = at
  while (isWhiteSpace(bytes[index] as number)) index += 1
  return index
}

/** The same for white space that ends no line. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let index = at
  while (bytes[index] !== newline && isWhiteSpace(bytes[index] as number)) index += 1
  return index
}

function isWhiteSpace(byte: number): boolean {
  return byte === space || byte === newline || byte === carriageReturn || byte === tab
}

/**
 * The comma or bracket behind an element of an array of valid JSON, whatever the element is; `notThere` where the element
 * has more than `bytesMax` bytes.
 */
export function endOfElement(bytes: Uint8Array, at: number, bytesMax: number): number {
  let depth = 0
  const last = Math.min(at + bytesMax, bytes.length)
  for (let index = at; index < last; index++) {
    const byte = bytes[index] as number
    if (byte === quote) {
      index = closingQuote(bytes, index)
      if (index === notThere) return notThere
    } else if (depth === 0 && (byte === comma || byte === closeBracket)) return index
    else if (byte === openBrace || byte === openBracket) depth += 1
    else if (byte === closeBrace || byte === closeBracket) depth -= 1
  }
  return notThere
}

function closingQuote(bytes: Uint8Array, open: number): number {
  for (let index = open + 1; index < bytes.length; index++) {
    const byte = bytes[index]
    if (byte === quote) return index
    if (byte === backslash) index += 1
  }
  return notThere
}

/** The newline that ends the line, or the end of the bytes. */
export function endOfLine(bytes: Uint8Array, at: number): number {
  const found = bytes.indexOf(newline, at)
  return found === -1 ? bytes.length : found
}

/** How many objects and arrays there may be at most: brackets in strings count as well. */
export function containersAtMost(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) {
    if (bytes[at] === openBrace || bytes[at] === openBracket) count += 1
  }
  return count
}
