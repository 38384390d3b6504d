import { describe, expect, test } from 'vitest'
import { checkStructure, mayHoldTooMuch } from './check-structure.ts'
import { prepareImport } from './prepare-import.ts'

describe('objects and arrays', () => {
  test.each([
    ['nothing', '', 0],
    ['a few', '[{"a":[1,{}]},[]]', 5],
    ['brackets in strings', '["[[[","\\"[{",{}]', 2],
    ['text that is no JSON', '}}]]"[[[[', 0],
  ])('%s', (_name, json, count) => {
    expect(checkStructure(json)).toBe(count)
  })

  test.each([
    ['250,000 are taken', 250_000, undefined],
    ['250,001 are refused', 250_001, 'INGEST_TOO_LARGE'],
  ])('%s', (_name, count, code) => {
    const nested = '['.repeat(count)
    let refused: unknown
    try {
      checkStructure(nested)
    } catch (error) {
      refused = error
    }
    expect(refused).toEqual(code === undefined ? undefined : expect.objectContaining({ code }))
  })

  test('those of earlier lines count', () => {
    expect(() => checkStructure('[]', 250_000)).toThrow('250000 objects and arrays')
  })

  test('text too short for so many is not walked', () => {
    expect(mayHoldTooMuch('[]'.repeat(249_999))).toBe(false)
    expect(mayHoldTooMuch('[]'.repeat(250_000))).toBe(true)
  })
})

describe('a request of ten megabytes', () => {
  const bytes = 10_000_000
  const refusal = (body: string, contentType: string) => {
    const input = { body: new TextEncoder().encode(body), contentType, contentEncoding: undefined, nowMs: 0 }
    const result = prepareImport(input)
    return 'refused' in result ? result.refused.error : result.failed.length
  }

  test.each([
    ['empty objects', `[${'{},'.repeat(bytes / 3)}{}]`, 'application/json', '2000 events'],
    ['numbers', `[${'1,'.repeat(bytes / 2)}1]`, 'application/json', '2000 events'],
    [
      'nested arrays',
      '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
      'application/json',
      'objects and arrays',
    ],
    [
      'objects in an event',
      `{"event":[${'{},'.repeat(bytes / 3)}{}]}`,
      'application/json',
      'objects and arrays',
    ],
    ['lines of arrays', `[${'[],'.repeat(400)}[]]\n`.repeat(1900), 'application/x-ndjson', '2000 events'],
    [
      'lines of objects',
      `{"a":[${'[],'.repeat(400)}[]]}\n`.repeat(1900),
      'application/x-ndjson',
      'objects and arrays',
    ],
  ])('%s is refused before it is parsed', (_name, body, contentType, sentence) => {
    expect(refusal(body, contentType)).toContain(sentence)
  })

  test('a line with very many keys fails alone', () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `"k${index}":1`).join(',')
    expect(refusal(`{${keys}}\n{}`, 'application/x-ndjson')).toBe(2)
  })
})
