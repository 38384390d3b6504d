import { hasEscape } from './json-places.ts'
import type { Value } from './value.ts'

const quote = 0x22
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const nine = 0x39
const letterT = 0x74
const letterF = 0x66
const letterN = 0x6e

/** Digits, sign and point: so few always make a mantissa and a power of ten that a double holds exactly. */
const plainNumberLengthMax = 15

/**
 * The JSON value at these places, as JSON.parse gives it.
 * @param mayEscape false only where no backslash stands between them
 */
export function parseValue(line: Buffer, start: number, end: number, mayEscape: boolean): Value {
  switch (line[start]) {
    case quote:
      if (mayEscape && hasEscape(line, start, end)) break
      return line.toString('utf8', start + 1, end - 1)
    case letterT:
      return true
    case letterF:
      return false
    case letterN:
      return null
  }
  return parsePlainNumber(line, start, end) ?? JSON.parse(line.toString('utf8', start, end))
}

/** A number without exponent and of few digits; undefined for everything else. */
function parsePlainNumber(line: Buffer, start: number, end: number): number | undefined {
  if (end - start > plainNumberLengthMax) return undefined
  const isNegative = line[start] === minus
  let digits = 0
  let scale = 1
  let isFraction = false
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const byte = line[at] ?? 0
    if (byte >= zero && byte <= nine) {
      digits = digits * 10 + (byte - zero)
      if (isFraction) scale *= 10
    } else if (byte === point) isFraction = true
    else return undefined
  }
  // Both are exact, so their quotient is the double that is nearest to the decimal, as JSON.parse has it.
  return isNegative ? -digits / scale : digits / scale
}
