/** What the filter, the parser and the checker must do with any text and any event. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spellings } from '../../../test/support/event-spellings.ts'
import { naiveWhere } from '../../../test/support/naive-where.ts'
import { someEvent, someWhere } from '../../../test/support/where-arbitraries.ts'
import { parseExpression } from './parse-expression.ts'
import type { ProfileLookup } from './user-fields.ts'
import { askedOfUsers, checkWhere, createWhereFilter } from './where.ts'

const time = 1_706_702_400
const spelling = fc.constantFrom(...Object.keys(spellings))

test('a filter keeps the lines that a naive evaluation of their parsed events keeps, and no other', () => {
  fc.assert(
    fc.property(
      someWhere,
      fc.array(fc.tuple(someEvent, spelling), { minLength: 1, maxLength: 8 }),
      (where, events) => {
        const expression = parseExpression(where)
        const lines = events.map(([event, name]) => `${spellings[name]?.(event)}\n`)
        const expected = lines.map((line) => naiveWhere(expression, JSON.parse(line)))
        expect(keptOf(where, lines)).toEqual(expected)
      },
    ),
    { numRuns: 3000 },
  )
})

test('what stands in a user’s profile counts as it would in the event', () => {
  // Names that mean nothing else.
  const moved = ['a', 'b', 'plan', 'Größe', 'say "a"', 'back\\slash']
  const ofUser = (where: string, names: readonly string[]) =>
    names.reduce(
      (text, name) => text.replaceAll(`properties[${JSON.stringify(name)}]`, `user[${JSON.stringify(name)}]`),
      where,
    )
  fc.assert(
    fc.property(
      someWhere,
      fc.subarray(moved, { minLength: 1 }),
      fc.array(fc.tuple(someEvent, spelling), { minLength: 1, maxLength: 8 }),
      (where, names, events) => {
        const asked = ofUser(where, names)
        const users = events.map(([{ properties }], index) => ({
          ...properties,
          distinct_id: `user ${index}`,
        }))
        const lines = events.map(([{ event }, name], index) => {
          const kept = Object.entries(users[index] ?? {}).filter(([property]) => !names.includes(property))
          return `${spellings[name]?.({ event, properties: Object.fromEntries(kept) })}\n`
        })
        const expected = events.map(([{ event }], index) =>
          naiveWhere(parseExpression(where), JSON.parse(JSON.stringify({ event, properties: users[index] }))),
        )
        const askedNames = askedOfUsers(asked)
        const lookUp = (id: string) => {
          const profile = JSON.parse(JSON.stringify(users[Number(id.slice('user '.length))]))
          return askedNames.map((name) => (names.includes(name) ? profile[name] : undefined))
        }
        expect(keptOf(asked, lines, lookUp)).toEqual(expected)
      },
    ),
    { numRuns: 1000 },
  )
})

test('an expression that is refused as one that no event can meet is met by none', () => {
  fc.assert(
    fc.property(someWhere, fc.array(someEvent, { minLength: 1, maxLength: 8 }), (where, events) => {
      const found = checkWhere(where)
      fc.pre('problem' in found && found.problem.includes('no event can meet this'))
      const expression = parseExpression(where)
      // Whatever is stored has a time.
      const stored = events.map(({ event, properties }) => ({ event, properties: { ...properties, time } }))
      expect(stored.filter((event) => naiveWhere(expression, JSON.parse(JSON.stringify(event))))).toEqual([])
    }),
    { numRuns: 1000, maxSkipsPerRun: 1000 },
  )
})

test('any text is an expression or has a problem at a place of its own', () => {
  const pieces = fc.constantFrom(
    ...[
      'properties["a"]',
      '"',
      "'",
      '(',
      ')',
      '[',
      ']',
      ',',
      '-',
      'not ',
      ' and ',
      ' in ',
      '==',
      '1',
      '.',
      'e5',
    ],
    ...[
      'event',
      'properties',
      '["',
      '\\',
      '\\u00',
      '\n',
      '😀',
      'floor(',
      '=',
      '<>',
      'AND',
      'user["x"]',
      '\u0000',
      'é',
    ],
  )
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    // An expression with something cut out of it, or put in.
    fc
      .tuple(someWhere, fc.nat(100), fc.nat(5), pieces)
      .map(([where, at, cut, piece]) => where.slice(0, at) + piece + where.slice(at + cut)),
  )
  fc.assert(
    fc.property(text, (where) => {
      const found = checkWhere(where)
      if ('warnings' in found) return
      const place = /^at (?:line (\d+), )?column (\d+): ./.exec(found.problem)
      const line = where.split('\n')[Number(place?.[1] ?? 1) - 1] ?? ''
      expect(Number(place?.[2])).toBeGreaterThanOrEqual(1)
      expect(Number(place?.[2])).toBeLessThanOrEqual([...line].length + 1)
    }),
    { numRuns: 5000 },
  )
})

function keptOf(where: string, lines: string[], lookUp?: ProfileLookup): boolean[] {
  const isMetBy = createWhereFilter(where, lookUp)(Buffer.from(lines.join('')))
  let start = 0
  return lines.map((line) => {
    const end = start + Buffer.byteLength(line)
    const isMet = isMetBy(start, end)
    start = end
    return isMet
  })
}
