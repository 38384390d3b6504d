import { describe, expect, test } from 'vitest'
import { spellings } from '../../../test/support/event-spellings.ts'
import { naiveWhere } from '../../../test/support/naive-where.ts'
import { whereCases } from '../../../test/support/where-cases.ts'
import { parseExpression } from './parse-expression.ts'
import { createWhereFilter } from './where.ts'

const cases = Object.values(whereCases).flat()

test('the table has at least 150 cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(150)
})

describe.each(Object.entries(whereCases))('%s', (_rule, ofRule) => {
  test.each(ofRule)('%s of %j: %s', (where, properties, isExported) => {
    const event = { event: 'Viewed', properties }
    expect(naiveWhere(parseExpression(where), event)).toBe(isExported)
    for (const [spelling, lineOf] of Object.entries(spellings)) {
      // Between lines that decide otherwise, as far as one event can.
      const lines = ['{"event":"Other","properties":{}}', lineOf(event), '{"event":"","properties":{"a":[]}}']
      expect(keptOf(where, lines)[1], spelling).toBe(isExported)
    }
  })
})

/** Which lines a filter keeps, as it is asked about each. */
function keptOf(where: string, lines: string[]): boolean[] {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const isMetBy = createWhereFilter(where)(bytes)
  let start = 0
  return lines.map((line) => {
    const end = start + Buffer.byteLength(line) + 1
    const isMet = isMetBy(start, end)
    start = end
    return isMet
  })
}
