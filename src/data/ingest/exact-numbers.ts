/**
 * Numbers whose digits a JavaScript number can't hold: 12345678901234567890, 0.1000000000000000055, 1e400. JSON.parse
 * would change them without a word, so events that may hold one are parsed again with the digits kept.
 */
import { canonicalDecimal } from './decimal-text.ts'

/** What JSON.rawJSON makes: JSON.stringify writes its text as it stands. */
interface RawNumber {
  readonly rawJSON: string
}

declare global {
  // Node 24 has these; TypeScript's library does not list them yet.
  interface JSON {
    rawJSON(text: string): RawNumber
    isRawJSON(value: unknown): value is RawNumber
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown
  }
}

// Any decimal of up to 15 digits comes back from a double as it was, unless an exponent takes it out of range. Only
// where a number may stand, or the digits of every UUID in a string would match.
const longOrExponent = /[:,[]\s*-?\d(?:[\d.]{15}|[\d.]{0,14}[eE])/

/** Cheap and one-sided: says yes to some texts that lose nothing, never no to one that does. */
export function mayLoseDigits(json: string): boolean {
  return longOrExponent.test(json)
}

/** Parses JSON; a number that would not keep its value becomes a RawNumber. */
export function parseExactly(json: string): unknown {
  return JSON.parse(json, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? keepDigits(value, context.source) : value,
  )
}

function keepDigits(value: number, source: string): number | RawNumber {
  const text = String(value)
  if (text === source || canonicalDecimal(text) === canonicalDecimal(source)) return value
  return JSON.rawJSON(source)
}
