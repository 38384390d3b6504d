import { describe, expect, test } from 'vitest'
import { checkEvent, isProblem } from './check-event.ts'
import { importTimeRules, trackTimeRules } from './event-time.ts'

const nowMs = Date.UTC(2026, 0, 15, 12)
const importRules = { time: importTimeRules(nowMs), idsRequired: true, tokenRequired: false }
const trackRules = { time: trackTimeRules(nowMs), idsRequired: false, tokenRequired: true }

const valid = { time: nowMs / 1000 - 60, distinct_id: 'u1', $insert_id: 'i-1' }

/** The field at fault, or undefined for a valid event. */
function fault(record: unknown, rules = importRules): string | undefined {
  const checked = checkEvent(record, rules)
  return isProblem(checked) ? checked.field : undefined
}

const withProperties = (properties: object) => ({ event: 'e', properties: { ...valid, ...properties } })

/** Each is refused as distinct_id and as $insert_id. */
const placeholders = [
  '00000000-0000-0000-0000-000000000000',
  'anon',
  'anonymous',
  'nil',
  'none',
  'null',
  'n/a',
  'na',
  'undefined',
  'unknown',
  '<nil>',
  '0',
  '-1',
  'true',
  'false',
  '[]',
  '{}',
  0,
  -0,
  -1,
  true,
  false,
  null,
  [],
  {},
]

describe('shape', () => {
  test.each([[null], [1], ['e'], [true], [[]], [[{ event: 'e', properties: valid }]]])(
    '%j is no event',
    (record) => {
      expect(fault(record)).toBe('event')
    },
  )

  test.each([[undefined], [null], ['x'], [1], [[]]])('properties %j is refused', (properties) => {
    expect(fault({ event: 'e', properties })).toBe('properties')
  })
})

describe('event name', () => {
  test.each([
    [undefined],
    [null],
    [''],
    [1],
    [{}],
    ['x'.repeat(256)],
    ['a\0b'],
    ['\ud800'],
    ['😀'.repeat(256)],
  ])('%j is refused', (event) => {
    expect(fault({ event, properties: valid })).toBe('event')
  })

  test.each([['x'], ['x'.repeat(254)], ['x'.repeat(255)], ['😀'.repeat(255)], ['$identify'], ['\u0001 é\n']])(
    '%j is taken',
    (event) => {
      expect(fault({ event, properties: valid })).toBeUndefined()
    },
  )
})

describe('distinct_id', () => {
  test.each(placeholders.map((id) => [id]))('%j is refused on both routes', (id) => {
    expect(fault(withProperties({ distinct_id: id }))).toBe('properties.distinct_id')
    expect(fault(withProperties({ distinct_id: id, token: 't' }), trackRules)).toBe('properties.distinct_id')
  })

  test.each([[''], ['u'], ['Anonymous'], ['x'.repeat(1000)], [1], [-2], [1.5], [12345]])(
    '%j is taken',
    (id) => {
      expect(fault(withProperties({ distinct_id: id }))).toBeUndefined()
    },
  )

  test('a number beyond a double is refused', () => {
    expect(fault(withProperties({ distinct_id: Number.POSITIVE_INFINITY }))).toBe('properties.distinct_id')
  })

  test('it must be there on /import and may be absent on /track', () => {
    expect(fault(withProperties({ distinct_id: undefined }))).toBe('properties.distinct_id')
    expect(fault(withProperties({ distinct_id: undefined, token: 't' }), trackRules)).toBeUndefined()
  })
})

describe('$insert_id', () => {
  test.each([...placeholders, '', 'x'.repeat(37), 'a b', 'a_b', 'é', 12345, 'a\n'].map((id) => [id]))(
    '%j is refused on both routes',
    (id) => {
      expect(fault(withProperties({ $insert_id: id }))).toBe('properties.$insert_id')
      expect(fault(withProperties({ $insert_id: id, token: 't' }), trackRules)).toBe('properties.$insert_id')
    },
  )

  test.each([['a'], ['x'.repeat(36)], ['935d87b1-00cd-41b7-be34-b9d98dd08b42'], ['-'], ['00']])(
    '%j is taken',
    (id) => {
      expect(fault(withProperties({ $insert_id: id }))).toBeUndefined()
    },
  )

  test('it must be there on /import and may be absent on /track', () => {
    expect(fault(withProperties({ $insert_id: undefined }))).toBe('properties.$insert_id')
    expect(fault(withProperties({ $insert_id: undefined, token: 't' }), trackRules)).toBeUndefined()
  })
})

describe('token', () => {
  test.each([[undefined], [''], [1], [null], [{}]])('%j is refused on /track', (token) => {
    expect(fault(withProperties({ token }), trackRules)).toBe('properties.token')
  })

  test('it may be absent on /import', () => {
    expect(fault(withProperties({}))).toBeUndefined()
  })
})

/** An object of `count` keys. */
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]))

describe('size', () => {
  test('254 properties are taken, 255 refused, the required ones counted', () => {
    expect(fault(withProperties(keys(254 - 3)))).toBeUndefined()
    expect(fault(withProperties(keys(255 - 3)))).toBe('properties')
    expect(fault(withProperties(keys(256 - 3)))).toBe('properties')
  })

  test('254 keys of a nested object are taken, 255 refused', () => {
    expect(fault(withProperties({ a: keys(254) }))).toBeUndefined()
    expect(fault(withProperties({ a: keys(255) }))).toBe('properties.a')
    expect(fault(withProperties({ a: { b: keys(255) } }))).toBe('properties.a')
  })

  test('254 elements of an array are taken, 255 refused', () => {
    const array = (length: number) => Array.from({ length }, () => 'x')
    expect(fault(withProperties({ a: array(254) }))).toBeUndefined()
    expect(fault(withProperties({ a: array(255) }))).toBe('properties.a')
    expect(fault(withProperties({ a: { b: array(255) } }))).toBe('properties.a')
  })

  test('three levels of objects and of arrays are taken, four refused', () => {
    expect(fault(withProperties({ a: { b: { c: { d: 1 } } } }))).toBeUndefined()
    expect(fault(withProperties({ a: { b: { c: { d: {} } } } }))).toBe('properties.a')
    expect(fault(withProperties({ a: [[['x']]] }))).toBeUndefined()
    expect(fault(withProperties({ a: [[[[]]]] }))).toBe('properties.a')
    expect(fault(withProperties({ cart: [{ items: [{ name: 'Coffee' }] }] }))).toBeUndefined()
  })

  test('what stands beside event and properties is bounded too', () => {
    expect(fault({ event: 'e', properties: valid, more: { a: { b: { c: 1 } } } })).toBeUndefined()
    expect(fault({ event: 'e', properties: valid, more: { a: { b: { c: {} } } } })).toBe('more')
  })

  const withBytes = (bytes: number, filler = 'x') => {
    const empty = Buffer.byteLength(JSON.stringify(withProperties({ pad: '' })))
    return withProperties({ pad: filler.repeat((bytes - empty) / Buffer.byteLength(filler)) })
  }

  test('an event of 1,048,575 bytes is taken, one of 1,048,576 refused', () => {
    expect(fault(withBytes(1_048_575))).toBeUndefined()
    expect(fault(withBytes(1_048_576))).toBe('event')
    expect(fault(withBytes(1_048_577))).toBe('event')
  })

  test('bytes are counted, not characters, and escapes as they are written', () => {
    expect(fault(withProperties({ pad: '€'.repeat(349_000) }))).toBeUndefined()
    expect(fault(withProperties({ pad: '€'.repeat(350_000) }))).toBe('event')
    expect(fault(withProperties({ pad: '\u0001'.repeat(174_000) }))).toBeUndefined()
    expect(fault(withProperties({ pad: '\u0001'.repeat(175_000) }))).toBe('event')
  })

  test('an event of very many tiny values is measured', () => {
    const row = Array.from({ length: 254 }, () => '')
    expect(fault(withProperties({ a: Array.from({ length: 254 }, () => [row, row]) }))).toBeUndefined()
    expect(fault(withProperties({ a: Array.from({ length: 254 }, () => Array(8).fill(row)) }))).toBe('event')
  })
})

test('a message names the field and what is allowed', () => {
  expect(checkEvent(withProperties({ $insert_id: 'a b' }), importRules)).toMatchObject({
    field: 'properties.$insert_id',
    message: expect.stringContaining('1 to 36 letters, digits and hyphens'),
  })
})
