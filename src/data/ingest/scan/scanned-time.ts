import { readEventTime, type TimeRules } from '../event-time.ts'
import { isDigit } from './ascii.ts'
import { lengthOf, type Place } from './place.ts'
import { textAt } from './text-at.ts'

/** What a number's digits can hold without a loss. */
const integerDigitsMax = 15
/** Longer spellings of a time are left to others. */
const numberBytesMax = 32

/** The event's time in whole milliseconds since the epoch; undefined where it has none, or one that is not a valid number. */
export function scannedTime(bytes: Uint8Array, place: Place, rules: TimeRules): number | undefined {
  const number = numberAt(bytes, place)
  if (number === undefined) return undefined
  const timeMs = readEventTime(number, rules)
  return typeof timeMs === 'number' ? timeMs : undefined
}

/** Whether what stands there is the integer, digit for digit. */
export function isInteger(bytes: Uint8Array, place: Place, integer: number): boolean {
  return integerAt(bytes, place) === integer
}

/** @param place of a JSON value */
function numberAt(bytes: Uint8Array, place: Place): number | undefined {
  const length = lengthOf(place)
  if (length < 1 || length > numberBytesMax || !isDigit(bytes[place.from] as number)) return undefined
  return integerAt(bytes, place) ?? Number(textAt(bytes, place.from, place.to))
}

/** The integer that stands there; undefined where anything else does, or more digits than a number surely holds. */
export function integerAt(bytes: Uint8Array, { from, to }: Place): number | undefined {
  if (to - from > integerDigitsMax) return undefined
  let value = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number
    if (!isDigit(byte)) return undefined
    value = value * 10 + byte - 0x30
  }
  return value
}
