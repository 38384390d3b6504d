import type { RawNumber } from './exact-numbers.ts'

export type ExactNumber = number | RawNumber

export function isExactNumber(value: unknown): value is ExactNumber {
  return typeof value === 'number' || JSON.isRawJSON(value)
}

/** No sum of what people count has more digits, and longer ones would be slow to add. */
const wholeNumber = /^-?\d{1,400}$/

/**
 * Whole numbers are added with all their digits; others as JavaScript adds them, which is what Mixpanel's own arithmetic gives.
 * Undefined where the sum is beyond every number.
 */
export function exactSum(left: ExactNumber, right: ExactNumber): ExactNumber | undefined {
  const texts = [decimalOf(left), decimalOf(right)] as const
  if (texts.every((text) => wholeNumber.test(text))) return wholeOf(BigInt(texts[0]) + BigInt(texts[1]))
  const sum = Number(texts[0]) + Number(texts[1])
  return Number.isFinite(sum) ? sum : undefined
}

/** The number that a text spells, as JavaScript reads it, with the digits of a whole one kept. */
export function exactNumberOf(text: string): ExactNumber {
  const trimmed = text.trim()
  return wholeNumber.test(trimmed) ? wholeOf(BigInt(trimmed)) : Number(trimmed)
}

export function decimalOf(number: ExactNumber): string {
  return typeof number === 'number' ? String(number) : number.rawJSON
}

function wholeOf(whole: bigint): ExactNumber {
  const text = String(whole)
  const number = Number(text)
  return String(number) === text ? number : JSON.rawJSON(text)
}
