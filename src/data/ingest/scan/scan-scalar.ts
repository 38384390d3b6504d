/**
 * Finds the ends of JSON strings, numbers and literals in bytes that are known to be UTF-8, as strictly as JSON.parse. Each
 * function returns the place behind the value, or `notThere`.
 */
import { ascii, backslash, isDigit, minus, plus, point, quote, space, standsAt, zero } from './ascii.ts'
import { notThere } from './place.ts'

/** @param at behind the opening quote */
export function endOfString(bytes: Uint8Array, at: number): number {
  for (let index = at; index < bytes.length; index++) {
    const byte = bytes[index] as number
    if (byte === quote) return index + 1
    if (byte === backslash) {
      index = endOfEscape(bytes, index + 1) - 1
      if (index < at) return notThere
    } else if (byte < space) return notThere
  }
  return notThere
}

/** @param at behind the backslash */
function endOfEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case quote:
    case backslash:
    case slash:
    case b:
    case f:
    case n:
    case r:
    case t:
      return at + 1
    case u:
      for (let digit = 1; digit <= 4; digit++) {
        if (!isHexDigit(bytes[at + digit] as number)) return notThere
      }
      return at + 5
    default:
      return notThere
  }
}

const slash = 0x2f
const b = 0x62
const e = 0x65
const f = 0x66
const n = 0x6e
const r = 0x72
const t = 0x74
const u = 0x75

function isHexDigit(byte: number): boolean {
  const lowerCase = byte | 0x20
  return isDigit(byte) || (lowerCase >= 0x61 && lowerCase <= 0x66)
}

/** @param at the minus or the first digit */
export function endOfNumber(bytes: Uint8Array, at: number): number {
  let end = bytes[at] === minus ? at + 1 : at
  end = bytes[end] === zero ? end + 1 : endOfDigits(bytes, end)
  if (end !== notThere && bytes[end] === point) end = endOfDigits(bytes, end + 1)
  if (end !== notThere && ((bytes[end] as number) | 0x20) === e) end = endOfExponent(bytes, end + 1)
  return end
}

function endOfExponent(bytes: Uint8Array, at: number): number {
  return endOfDigits(bytes, bytes[at] === plus || bytes[at] === minus ? at + 1 : at)
}

/** One digit at least. */
function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at
  while (isDigit(bytes[end] as number)) end += 1
  return end === at ? notThere : end
}

const literals = [ascii('true'), ascii('false'), ascii('null')]

export function endOfLiteral(bytes: Uint8Array, at: number): number {
  for (const literal of literals) {
    if (standsAt(bytes, at, literal)) return at + literal.length
  }
  return notThere
}
