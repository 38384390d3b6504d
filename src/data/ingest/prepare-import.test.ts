import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDecimal } from '../../exact-numbers/decimal-text.ts'
import { dedupKey } from './dedup-key.ts'
import { lineIdentity } from './line-identity.ts'
import { type PreparedImport, prepareImport } from './prepare-import.ts'

const nowMs = Date.UTC(2026, 0, 15, 12, 0, 0, 250)
const time = nowMs / 1000 - 60.25
const valid = { time, distinct_id: 'u1', $insert_id: 'i-1' }
const stamp = `"mp_processing_time_ms":${nowMs}`

interface Given {
  contentType?: string
  contentEncoding?: string
}

function run(body: string | Uint8Array, given: Given = {}) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body)
  const { contentType = 'application/json', contentEncoding } = given
  return prepareImport({ body: bytes, contentType, contentEncoding, nowMs })
}

function prepared(body: string | Uint8Array, given?: Given): PreparedImport {
  const result = run(body, given)
  if ('refused' in result) throw new Error(result.refused.error)
  return result
}

function refused(body: string | Uint8Array, given?: Given) {
  const result = run(body, given)
  if (!('refused' in result)) throw new Error('not refused')
  return result.refused
}

function linesOf({ columns }: PreparedImport): string[] {
  const bytes = columns.lines
  return [...columns.lineEnds].map((end, index) =>
    new TextDecoder().decode(bytes.subarray(index === 0 ? 0 : columns.lineEnds[index - 1], end)),
  )
}

const event = (properties: object = {}, name = 'e') => ({
  event: name,
  properties: { ...valid, ...properties },
})
const onlyLine = (record: object | string) =>
  linesOf(prepared(typeof record === 'string' ? `[${record}]` : JSON.stringify([record])))[0]

describe('the event line', () => {
  test('name first, then properties as they were sent, then the stamp', () => {
    expect(onlyLine({ properties: { a: [1, { b: null }], ...valid, z: 'é' }, event: 'Sign up' })).toBe(
      `{"event":"Sign up","properties":{"a":[1,{"b":null}],"time":${time},"distinct_id":"u1","$insert_id":"i-1","z":"é",${stamp}}}\n`,
    )
  })

  test('a time finer than a second is kept beside the whole seconds', () => {
    expect(onlyLine(event({ time: time * 1000 + 7 }))).toContain(
      `"time":${time},"distinct_id":"u1","$insert_id":"i-1","mp_event_time_ms":${time * 1000 + 7},${stamp}`,
    )
  })

  test('what a client sends under the names of the stamps is replaced or removed', () => {
    const line = onlyLine(event({ mp_event_time_ms: 1, mp_processing_time_ms: 'x' }))
    expect(line).not.toContain('mp_event_time_ms')
    expect(JSON.parse(line ?? '').properties.mp_processing_time_ms).toBe(nowMs)
  })

  test('the address is removed, the token and other top-level keys stay', () => {
    expect(onlyLine({ ...event({ ip: '192.0.2.1', token: 'abc' }), more: [1], event2: 'x' })).toBe(
      `{"event":"e","properties":{"time":${time},"distinct_id":"u1","$insert_id":"i-1","token":"abc",${stamp}},"more":[1],"event2":"x"}\n`,
    )
  })

  test('__proto__, duplicate keys, NUL and half characters are data like any other', () => {
    const odd = `{"event":"e","__proto__":{"x":1},"properties":{"time":${time},"distinct_id":"u","$insert_id":"i","__proto__":{"y":2},"a":1,"a":2,"b":"\\u0000\\ud800"}}`
    expect(onlyLine(odd)).toBe(
      `{"event":"e","properties":{"time":${time},"distinct_id":"u","$insert_id":"i","__proto__":{"y":2},"a":2,"b":"\\u0000\\ud800",${stamp}},"__proto__":{"x":1}}\n`,
    )
  })

  test('numbers beyond a double keep their digits, in an array and in lines', () => {
    const text = JSON.stringify(event()).replace('}}', ',"n":12345678901234567890,"big":1e400}}')
    expect(onlyLine(text)).toContain('"n":12345678901234567890,"big":1e400')
    expect(linesOf(prepared(text, { contentType: 'application/x-ndjson' }))[0]).toContain('"big":1e400')
  })

  test('a number with a million digits is as large as its text', () => {
    const text = JSON.stringify(event()).replace('}}', `,"n":1${'0'.repeat(1_050_000)}}}`)
    expect(prepared(text)).toMatchObject({ columns: { count: 0 }, failed: [{ index: 0, field: 'event' }] })
  })

  /** JSON text of a value, its numbers spelled in every way. */
  const numberText = fc.stringMatching(/^-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?$/)
  const text = fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value))
  const key = fc.oneof(text, fc.constantFrom('"__proto__"', '"constructor"', '"toJSON"', '"length"', '"1"'))
  const objectText = (value: fc.Arbitrary<string>) =>
    fc.uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([name]) => JSON.parse(name) })
  const leaf = fc.oneof(text, numberText, fc.constantFrom('true', 'false', 'null'))
  const nested = (value: fc.Arbitrary<string>) =>
    fc.oneof(
      leaf,
      fc.array(value, { maxLength: 4 }).map((values) => `[${values.join(' , ')}]`),
      objectText(value).map((members) => `{${members.map((member) => member.join(': ')).join(',')}}`),
    )
  const value = nested(nested(leaf))
  const reserved = ['time', 'distinct_id', '$insert_id', 'ip', 'mp_event_time_ms', 'mp_processing_time_ms']

  test('any event comes back from its line as it was sent, but for the stamps', () => {
    /** Numbers by the value of their decimal text; keys in any order. */
    const decimals = (json: string) =>
      JSON.parse(json, (_name, part, context) =>
        typeof part === 'number' ? { decimal: canonicalDecimal(context.source ?? '') } : part,
      ) as { properties: Record<string, unknown> }
    const withoutStamps = (json: string) => {
      const { properties, ...others } = decimals(json)
      for (const name of ['time', 'mp_event_time_ms', 'mp_processing_time_ms']) delete properties[name]
      return { ...others, properties }
    }
    const members = objectText(value).filter((list) =>
      list.every(([name]) => !reserved.includes(JSON.parse(name))),
    )
    fc.assert(
      fc.property(fc.array(members, { minLength: 1, maxLength: 4 }), fc.boolean(), (events, asLines) => {
        const sent = events.map((list, index) => {
          const fixed = `"time":${time + index},"distinct_id":"u","$insert_id":"i-${index}"`
          return `{"event":"e","properties":{${[...list.map((member) => member.join(':')), fixed].join(',')}}}`
        })
        const body = asLines ? sent.join('\n') : `[${sent.join(',')}]`
        const result = prepared(body, { contentType: asLines ? 'application/x-ndjson' : 'application/json' })
        expect(result.failed).toEqual([])
        expect(linesOf(result).map(withoutStamps)).toEqual(sent.map(withoutStamps))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('columns', () => {
  test('line ends, times and names belong to their events', () => {
    const { columns } = prepared(
      JSON.stringify([event({}, 'a'), event({ time: time + 1.5 }, 'b'), event({}, 'a')]),
    )
    expect(columns).toMatchObject({ count: 3, names: ['a', 'b'] })
    expect([...columns.nameIndexes]).toEqual([0, 1, 0])
    expect([...columns.timesMs]).toEqual([time * 1000, (time + 1.5) * 1000, time * 1000])
    expect(columns.lineEnds[2]).toBe(columns.lines.length)
  })

  test('events that are the same have the same dedup key, and a repeat is kept', () => {
    const { columns } = prepared(
      JSON.stringify([event({ a: 1 }), event({ a: 2 }), event({ $insert_id: 'i-2' })]),
    )
    const key = (index: number) => [...columns.dedupKeys.subarray(index * 16, index * 16 + 16)]
    expect(columns.count).toBe(3)
    expect(key(0)).toEqual(key(1))
    expect(key(0)).not.toEqual(key(2))
  })

  test.each([
    ['whole seconds', event()],
    ['milliseconds', event({ time: time * 1000 + 1 })],
    ['a time ahead', event({ time: nowMs + 1000 })],
    ['a numeric id', event({ distinct_id: 17 })],
  ])('the dedup key is made of what the stored line says: %s', (_name, record) => {
    const { columns } = prepared(JSON.stringify([record]))
    expect(Buffer.from(columns.dedupKeys).toString('latin1')).toBe(dedupKey(lineIdentity(columns.lines)))
  })

  test('ids that differ beyond a double are two', () => {
    const sent = (id: string) => JSON.stringify(event({ distinct_id: 'ID' })).replace('"ID"', id)
    const { columns } = prepared(`[${sent('12345678901234567890')},${sent('12345678901234567891')}]`)
    expect(columns.dedupKeys.subarray(0, 16)).not.toEqual(columns.dedupKeys.subarray(16, 32))
    expect(lineIdentity(columns.lines.subarray(0, columns.lineEnds[0]))).toContain('12345678901234567890')
  })
})

describe('bodies', () => {
  const two = [event({}, 'a'), event({}, 'b')]
  const ndjson = two.map((record) => JSON.stringify(record)).join('\n')

  test.each<[string, string, Given]>([
    ['an array', JSON.stringify(two), {}],
    ['an array without a Content-Type', JSON.stringify(two), { contentType: '' }],
    ['a pretty array', JSON.stringify(two, null, 2), {}],
    ['an array with a byte order mark', `\ufeff${JSON.stringify(two)}`, {}],
    ['an array called NDJSON', ` ${JSON.stringify(two)}`, { contentType: 'application/x-ndjson' }],
    ['lines', ndjson, { contentType: 'application/x-ndjson; charset=utf-8' }],
    [
      'lines with blank ones and CRLF',
      `\n${ndjson.replaceAll('\n', '\r\n\n')}\r\n`,
      { contentType: 'Application/X-NDJSON' },
    ],
    ['lines called JSON', ndjson, {}],
  ])('%s', (_name, body, given) => {
    expect(prepared(body, given)).toMatchObject({ columns: { names: ['a', 'b'] }, failed: [] })
  })

  test('one object is a list of one, even over several lines', () => {
    expect(prepared(JSON.stringify(event(), null, 2)).columns.count).toBe(1)
  })

  test('an empty array holds nothing', () => {
    expect(prepared('[]')).toMatchObject({ columns: { count: 0 }, failed: [], bytes: 2 })
  })

  test('gzip, in one member or more, and deflate', () => {
    const json = JSON.stringify(two)
    const members = Buffer.concat([gzipSync(json.slice(0, 50)), gzipSync(json.slice(50))])
    expect(prepared(gzipSync(json), { contentEncoding: 'gzip' })).toMatchObject({ bytes: json.length })
    expect(prepared(members, { contentEncoding: 'GZIP' }).columns.count).toBe(2)
    expect(prepared(deflateSync(json), { contentEncoding: 'deflate' }).columns.count).toBe(2)
    expect(prepared(json, { contentEncoding: 'identity' }).columns.count).toBe(2)
  })

  test('a bad event or line fails alone, by its index', () => {
    const body = `${JSON.stringify(event())}\n{"event":\n\n${JSON.stringify(event({ time: 'x' }))}\nnull\n${JSON.stringify(event())}`
    const { columns, failed } = prepared(body, { contentType: 'application/x-ndjson' })
    expect(columns.count).toBe(2)
    expect(failed).toEqual([
      { index: 1, $insert_id: '', field: 'event', message: expect.stringContaining('not valid JSON') },
      { index: 2, $insert_id: 'i-1', field: 'properties.time', message: expect.any(String) },
      { index: 3, $insert_id: '', field: 'event', message: expect.any(String) },
    ])
  })

  test('2,000 events are taken, 2,001 refused', () => {
    const lines = (count: number) => `${JSON.stringify(event())}\n`.repeat(count)
    const array = (count: number) => `[${Array(count).fill(JSON.stringify(event())).join(',')}]`
    const asLines = { contentType: 'application/x-ndjson' }
    expect(prepared(lines(2000), asLines).columns.count).toBe(2000)
    expect(prepared(array(2000)).columns.count).toBe(2000)
    expect(refused(lines(2001), asLines)).toMatchObject({ code: 'INGEST_TOO_LARGE' })
    expect(refused(array(2001))).toMatchObject({
      code: 'INGEST_TOO_LARGE',
      error: expect.stringContaining('2000'),
    })
  })

  test('10,485,760 bytes inflated are taken, one more refused', () => {
    const padded = (bytes: number) => {
      const json = JSON.stringify([event()])
      return gzipSync(json + ' '.repeat(bytes - json.length), { level: 1 })
    }
    expect(prepared(padded(10_485_760), { contentEncoding: 'gzip' }).columns.count).toBe(1)
    expect(refused(padded(10_485_761), { contentEncoding: 'gzip' })).toEqual({
      code: 'INGEST_TOO_LARGE',
      error: 'request exceeds max limit of 10485760 bytes',
    })
  })

  test.each<[string, string | Uint8Array, Given, string]>([
    ['nothing', '', {}, 'empty'],
    ['nothing but space', ' \n', { contentType: 'application/x-ndjson' }, 'empty'],
    ['nothing, packed', gzipSync(''), { contentEncoding: 'gzip' }, 'empty'],
    ['no JSON', 'event=a', {}, 'JSON array'],
    ['a broken array', '[{"event":"a"}', {}, 'JSON array'],
    ['a broken object', '{"event":"a"', {}, 'JSON array'],
    ['a string', '"event"', {}, 'JSON array'],
    ['bytes that are no UTF-8', Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d), {}, 'UTF-8'],
    ['no gzip', '[]', { contentEncoding: 'gzip' }, 'gzip'],
    ['half a gzip', gzipSync('[{"event":"a"}]').subarray(0, 20), { contentEncoding: 'gzip' }, 'gzip'],
    ['deeply nested text', '['.repeat(100_000), {}, 'JSON array'],
  ])('%s is refused with what is allowed', (_name, body, given, sentence) => {
    expect(refused(body, given)).toEqual({
      code: 'INGEST_BODY_INVALID',
      error: expect.stringContaining(sentence),
    })
  })

  test('deep nesting that parses fails as an event', () => {
    const deep = `${'['.repeat(100_000)}12345678901234567890${']'.repeat(100_000)}`
    const body = `[{"event":"e","properties":${deep}},${JSON.stringify(event()).replace('}}', `,"a":${deep}}}`)},${JSON.stringify(event())}]`
    const { columns, failed } = prepared(body)
    expect(columns.count).toBe(1)
    expect(failed.map(({ field }) => field)).toEqual(['properties', 'properties.a'])
  })

  test.each<[Given]>([
    [{ contentType: 'text/csv' }],
    [{ contentType: 'application/json; charset=latin1' }],
    [{ contentEncoding: 'br' }],
    [{ contentEncoding: 'gzip, gzip' }],
  ])('%j is not supported', (given) => {
    expect(refused('[]', given)).toEqual({
      code: 'INGEST_FORMAT_UNSUPPORTED',
      error: expect.stringContaining('send'),
    })
  })
})
