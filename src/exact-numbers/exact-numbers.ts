/**
 * Numbers whose digits a JavaScript number can't hold: 12345678901234567890, 0.1000000000000000055, 1e400. JSON.parse
 * would change them without a word, so events that may hold one are parsed again with the digits kept.
 */
import { canonicalDecimal } from './decimal-text.ts'

/** What JSON.rawJSON makes: JSON.stringify writes its text as it stands. */
export interface RawNumber {
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
const longOrExponent = /[:,[]\s*(-?\d(?:[\d.]{15}|[\d.]{0,14}[eE])[\d.eE+-]*)/g

/** One-sided: says yes to some texts that lose nothing, because of digits in a string; never no to one that does. */
export function mayLoseDigits(json: string): boolean {
  for (const [, number = ''] of json.matchAll(longOrExponent)) {
    if (!keepsValue(Number(number), number)) return true
  }
  return false
}

/** Parses JSON, with every digit of its numbers kept. */
export function parseKeepingDigits(json: string): unknown {
  return mayLoseDigits(json) ? parseExactly(json) : JSON.parse(json)
}

/** Parses JSON; a number that would not keep its value becomes a RawNumber. */
export function parseExactly(json: string): unknown {
  return JSON.parse(json, (_key, value, { source }) =>
    typeof value !== 'number' || source === undefined || keepsValue(value, source)
      ? value
      : JSON.rawJSON(source),
  )
}

function keepsValue(value: number, source: string): boolean {
  const text = String(value)
  return text === source || canonicalDecimal(text) === canonicalDecimal(source)
}
