import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDecimal } from './decimal-text.ts'
import { mayLoseDigits, parseExactly } from './exact-numbers.ts'

const kept = (number: string) => JSON.stringify(parseExactly(`{"n":${number}}`)).slice(5, -1)

describe('numbers keep their value', () => {
  test.each([
    ['12345678901234567890'],
    ['-12345678901234567890'],
    ['9007199254740993'],
    ['0.1000000000000000055511151231257827'],
    ['3.14159265358979323846'],
    ['1e400'],
    ['-1E+400'],
    ['1e-400'],
    ['100000000000000000000001'],
    ['1.00000000000000000001'],
  ])('%s', (number) => {
    expect(mayLoseDigits(`{"n":${number}}`)).toBe(true)
    expect(kept(number)).toBe(number)
  })

  test.each([
    ['1.0', '1'],
    ['1e2', '100'],
    ['0.50', '0.5'],
    ['0e999', '0'],
    ['1E-2', '0.01'],
  ])('%s may be spelled %s', (number, spelled) => {
    expect(kept(number)).toBe(spelled)
  })

  test('digits in strings are left alone', () => {
    expect(mayLoseDigits('{"id":"12345678901234567890","uuid":"29fc2962-6d9c-455d-95ad-95b84f09b9e4"}')).toBe(
      false,
    )
  })

  test('everywhere in an event', () => {
    const json = '{"a":[1,12345678901234567890,{"b":1e400}],"__proto__":12345678901234567890}'
    expect(JSON.stringify(parseExactly(json))).toBe(json)
  })

  test('any number whose value changes is seen', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/)
    fc.assert(
      fc.property(digits, (number) => {
        const changed = canonicalDecimal(String(Number(number))) !== canonicalDecimal(number)
        if (changed) expect(mayLoseDigits(`{"n": ${number}}`)).toBe(true)
        expect(canonicalDecimal(kept(number))).toBe(canonicalDecimal(number))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('canonicalDecimal', () => {
  test.each([
    ['-0.50e1', '-5'],
    ['1200', '1.2e3'],
    ['0.0', '-0e7'],
    ['1E+2', '100'],
  ])('%s and %s are one value', (left, right) => {
    expect(canonicalDecimal(left)).toBe(canonicalDecimal(right))
  })

  test.each([
    ['1', '10'],
    ['1', '-1'],
    ['0.1', '0.10000000000000001'],
    ['1e99999999999999999999', '1e99999999999999999998'],
  ])('%s and %s are two', (left, right) => {
    expect(canonicalDecimal(left)).not.toBe(canonicalDecimal(right))
  })
})
