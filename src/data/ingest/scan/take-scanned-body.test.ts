import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodiesNowMs, importBodies } from '../../../../test/support/import-bodies.ts'
import { parseExactly } from '../../../exact-numbers/exact-numbers.ts'
import { importTimeRules } from '../event-time.ts'
import { type TakenBody, takeParsedBody } from '../take-parsed-body.ts'
import { takeScannedBody } from './take-scanned-body.ts'

const nowMs = bodiesNowMs
const options = {
  rules: { time: importTimeRules(nowMs), idsRequired: true, tokenRequired: false },
  nowMs,
  newInsertId: () => 'never asked for',
  findPlace: undefined,
}
const ndjson = 'application/x-ndjson'

function scanned(body: Uint8Array, contentType: string) {
  const taken = takeScannedBody(body, contentType, options)
  return taken === undefined ? undefined : readable(taken)
}

/** With the lines as JSON.stringify spells them. */
function respelled<Taken extends { lines: string[] }>(taken: Taken): Taken {
  return { ...taken, lines: taken.lines.map(respelledLine) }
}

function respelledLine(line: string): string {
  const event = parseExactly(line) as { event: string }
  // What the readers of lines count on.
  expect(line.startsWith(`{"event":${JSON.stringify(event.event)},"properties":{`)).toBe(true)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  return JSON.stringify(event)
}

/** Undefined where the request is refused as a whole. */
function parsed(body: Uint8Array, contentType: string) {
  try {
    return readable(takeParsedBody(body, contentType, options))
  } catch (cause) {
    expect(cause).toHaveProperty('kind', 'caller')
    return undefined
  }
}

function readable({ builder, failed }: TakenBody) {
  const { lines, lineEnds, dedupKeys, ...columns } = builder.finish()
  const text = [...lineEnds].map((end, index) =>
    Buffer.from(lines.subarray(lineEnds[index - 1] ?? 0, end)).toString(),
  )
  return { lines: text, keys: Buffer.from(dedupKeys).toString('hex'), ...columns, failed }
}

/** But for the spelling of what the lines hold. */
function expectEqual(taken: ReturnType<typeof scanned>, expected: ReturnType<typeof parsed>): void {
  if (taken === undefined || expected === undefined) throw new Error('the body was not taken')
  expect(respelled(taken)).toEqual(respelled(expected))
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function event(properties: Record<string, unknown> = {}, name = 'e') {
  return {
    event: name,
    properties: { time: 1_700_000_000, distinct_id: 'u', $insert_id: 'i', ...properties },
  }
}

const json = (...args: Parameters<typeof event>): string => JSON.stringify(event(...args))

describe('a body that is taken as it stands', () => {
  test('gives what parsing it gives, or is left to that', () => {
    fc.assert(
      fc.property(importBodies, ({ bytes, contentType }) => {
        const taken = scanned(bytes, contentType)
        if (taken !== undefined) expectEqual(taken, parsed(bytes, contentType))
      }),
      { numRuns: 2000 },
    )
  })

  test('gives the very same bytes where it is spelled as JSON.stringify spells', () => {
    // Keys that look like whole numbers come first in what JSON.stringify writes.
    const key = fc.string({ unit: 'grapheme' }).filter((text) => !/^\d+$|["\\\p{Cc}]/u.test(text))
    const events = fc.array(
      fc.record({
        event: fc.constantFrom('a', 'Größe', '\ufeffb'),
        properties: fc.record({
          time: fc.integer({ min: 31_536_000, max: nowMs }),
          distinct_id: fc.oneof(fc.uuid(), fc.integer({ min: 1 })),
          $insert_id: fc.uuid(),
          other: fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }),
          more: fc.dictionary(key, fc.jsonValue({ maxDepth: 0 })),
        }),
      }),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(events, fc.boolean(), (sent, isLines) => {
        const body = bytesOf(
          isLines ? sent.map((each) => JSON.stringify(each)).join('\n') : JSON.stringify(sent),
        )
        expect(scanned(body, isLines ? ndjson : '')).toEqual(parsed(body, isLines ? ndjson : ''))
      }),
    )
  })

  test.each<[string, string]>([
    [
      'spaces',
      '{ "event" : "e" , "properties" : { "time" : 1.7e9 , "distinct_id" : 17 , "$insert_id" : "i" } }',
    ],
    ['properties before the name', `{"properties":${JSON.stringify(event().properties)},"event":"e"}`],
    ['another key beside them', `${json().slice(0, -1)},"other":[1.0]}`],
    [
      'stamps and an address of the client',
      json({ ip: '::1', mp_event_time_ms: 1, mp_processing_time_ms: 2 }),
    ],
    ['an address before everything', `{"event":"e","properties":{"ip":1,${json().slice(27)}`],
    ['a time in milliseconds', json({ time: 1_700_000_000_123 })],
    ['a time in milliseconds beside its stamp', json({ time: 1_700_000_000_123, mp_event_time_ms: 1 })],
    ['a time ahead', json({ time: nowMs + 1000 })],
    ['an escape in a key', json({ '"': 1 })],
    ['the same key twice', json({ a: 1, b: 2 }).replace('"b"', '"a"')],
    ['__proto__', json({ a: { time: 1 } }).replace('"a"', '"__proto__"')],
    ['half a character', json({ a: '\ud83d' })],
    ['a number of many digits', json({ a: 1 }).replace('"a":1', '"a":123456789012345678901234567890e-400')],
    ['an id of many digits', json({ distinct_id: 1 }).replace('_id":1', '_id":123456789012345678901')],
    ['a long id', json({ distinct_id: 'x'.repeat(5000) })],
    ['a byte order mark at the start of a name', json({}, '\ufeffe')],
    ['as many properties as there may be', json(members(251))],
    ['one property too many', json(members(252))],
    ['objects as deep as there may be', json({ a: { a: { a: [] } } })],
    ['an object too deep', json({ a: { a: { a: {} } } }).replace('{}', '{"a":{}}')],
    ['arrays as deep as there may be', json({ a: [[[{}]]] })],
    ['an array too deep', json({ a: [[[[]]]] })],
    ['as many keys and elements as there may be', json({ a: members(254), b: Array(254).fill(0) })],
    ['a key too many', json({ a: members(255) })],
    ['an element too many', json({ a: Array(255).fill(0) })],
    ['no event', '"event"'],
  ])('may hold: %s', (_name, record) => {
    const body = bytesOf(`[${record},${json()}]`)
    expectEqual(scanned(body, ''), parsed(body, ''))
  })

  test.each<[string, string, string]>([
    ['lines, some of them blank', `\n${json()}\n\r\n\u00a0\n${json({}, 'f')}\r\n`, ndjson],
    ['lines called JSON', `${json()}\n${json()}`, ''],
    ['an array called lines', `[${json()}]`, ndjson],
    ['an empty array', ' [ ] ', ''],
    ['one event', ` ${json()}\n`, ''],
    ['a byte order mark before everything', `\ufeff${json()}`, ndjson],
    ['a byte order mark before a line', `${json()}\n\ufeff${json()}`, ndjson],
    ['a line that is no JSON', `${json()}\n{"event":\n${json()}`, ndjson],
    ['as many events as there may be', lines(2000), ndjson],
  ])('may be: %s', (_name, text, contentType) => {
    const body = bytesOf(text)
    expectEqual(scanned(body, contentType), parsed(body, contentType))
  })

  test.each<[string, string | Uint8Array, string]>([
    ['a byte order mark in an array', `[\ufeff${json()}]`, ''],
    ['an array that does not end', `[${json()}`, ''],
    ['a comma too many', `[${json()},]`, ''],
    ['something behind the array', `[${json()}]{}`, ''],
    ['two events in a line', `${json()}${json()}`, ''],
    ['bytes that are no UTF-8', Uint8Array.of(...bytesOf(json().slice(0, -2)), 0xff, 0x22), ndjson],
    ['nothing', '', ndjson],
    ['one event too many', lines(2001), ndjson],
    ['one object too many', lines(2000, { a: Array.from({ length: 122 }, () => ({})) }, 1), ndjson],
    ['an unknown type', json(), 'text/csv'],
  ])('is never one that is refused: %s', (_name, text, contentType) => {
    const body = typeof text === 'string' ? bytesOf(text) : text
    expect(parsed(body, contentType)).toBeUndefined()
    expect(scanned(body, contentType)).toBeUndefined()
  })

  test('holds no event that is so long that its size must be measured', () => {
    const body = bytesOf(`${json()}\n${json({ a: 'x'.repeat(200_000) })}`)
    expect(scanned(body, ndjson)).toBeUndefined()
  })
})

/** Beside the three that every event has. */
function members(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, index]))
}

/** Events with these properties; the last `more` of them have an object more. */
function lines(count: number, properties: Record<string, unknown> = {}, more = 0): string {
  const all = Array.from({ length: count }, (_, index) =>
    json(index < count - more ? properties : { ...properties, more: {} }),
  )
  return all.join('\n')
}
