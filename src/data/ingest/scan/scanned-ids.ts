/** The rules of event-ids.ts for ids that stand in bytes. One-sided: what is rare is left to those. */
import { placeholders } from '../event-ids.ts'
import { insertIdBytesMax } from '../limits.ts'
import { ascii, backslash, isDigit, minus, quote, standsAt, zero } from './ascii.ts'
import { lengthOf, type Place } from './place.ts'

/** Any integer of so many digits is a double, and spelled like one. */
const integerDigitsMax = 15

const placeholdersByLength: Uint8Array[][] = []
for (const placeholder of placeholders) {
  placeholdersByLength[placeholder.length] ??= []
  placeholdersByLength[placeholder.length]?.push(ascii(placeholder))
}

/** A string without escapes, or a whole number above zero that is its own digits. */
export function isDistinctId(bytes: Uint8Array, place: Place): boolean {
  if (isPlainString(bytes, place)) return !isPlaceholder(bytes, place)
  if (lengthOf(place) > integerDigitsMax || bytes[place.from] === zero) return false
  return isEvery(bytes, place.from, place.to, isDigit)
}

export function isInsertId(bytes: Uint8Array, place: Place): boolean {
  const length = lengthOf(place) - 2
  if (length < 1 || length > insertIdBytesMax || bytes[place.from] !== quote) return false
  return isEvery(bytes, place.from + 1, place.to - 1, isIdCharacter) && !isPlaceholder(bytes, place)
}

/** A string in which every character stands for itself. */
export function isPlainString(bytes: Uint8Array, { from, to }: Place): boolean {
  if (bytes[from] !== quote) return false
  for (let at = from + 1; at < to; at++) {
    if (bytes[at] === backslash) return false
  }
  return true
}

function isPlaceholder(bytes: Uint8Array, place: Place): boolean {
  const candidates = placeholdersByLength[lengthOf(place) - 2]
  if (candidates === undefined) return false
  return candidates.some((candidate) => standsAt(bytes, place.from + 1, candidate))
}

function isIdCharacter(byte: number): boolean {
  const lowerCase = byte | 0x20
  return isDigit(byte) || byte === minus || (lowerCase >= 0x61 && lowerCase <= 0x7a)
}

function isEvery(bytes: Uint8Array, from: number, to: number, test: (byte: number) => boolean): boolean {
  for (let at = from; at < to; at++) {
    if (!test(bytes[at] as number)) return false
  }
  return from < to
}
