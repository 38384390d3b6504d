import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type PreparedTrack, prepareTrack } from './prepare-track.ts'

const nowMs = Date.UTC(2026, 0, 15, 12, 0, 0, 250)
const event = (properties: object = {}, name = 'e') => ({
  event: name,
  properties: { token: 't1', ...properties },
})
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const form = 'application/x-www-form-urlencoded'

function fromBody(
  body: string | Uint8Array,
  contentType: string | undefined = form,
  contentEncoding?: string,
) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body)
  return prepareTrack({ nowMs, source: { body: bytes, contentType, contentEncoding } })
}

function taken(result: ReturnType<typeof prepareTrack>): PreparedTrack {
  if ('refused' in result) throw new Error(result.refused.error)
  return result
}

function linesOf({ groups }: PreparedTrack): { properties: Record<string, unknown> }[] {
  return groups.flatMap(({ columns }) =>
    new TextDecoder()
      .decode(columns.lines)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
}

describe('where the events stand', () => {
  // Its base64 holds a plus sign and a slash.
  const odd = event({ a: '~>~?~>~?~~?' })
  const encoded = base64([odd])

  test.each<[string, string | Uint8Array, string | undefined, string?]>([
    ['base64 in a form', `data=${encodeURIComponent(encoded)}`, form],
    ['base64 in a form, plus signs bare', `data=${encoded}`, form],
    ['base64url in a form', `data=${Buffer.from(JSON.stringify([odd])).toString('base64url')}`, form],
    ['base64 in lines', `data=${encoded.replace(/(.{40})/g, '$1%0A')}`, form],
    ['JSON in a form', `data=${encodeURIComponent(JSON.stringify([odd]))}`, form],
    ['bare JSON in a form', `data=${JSON.stringify([odd])}`, form],
    ['one object', `data=${base64(odd)}`, form],
    ["a beacon's text", `data=${encodeURIComponent(encoded)}`, 'text/plain;charset=UTF-8'],
    ['a form without a name for it', `data=${encodeURIComponent(encoded)}`, ''],
    ['a JSON body', JSON.stringify([odd]), 'application/json'],
    ['a JSON body called a form', JSON.stringify(odd), form],
    ['a packed form', gzipSync(`data=${encodeURIComponent(encoded)}`), form, 'gzip'],
    ['a packed JSON body', gzipSync(JSON.stringify([odd])), 'application/json', 'gzip'],
  ])('%s', (_name, body, contentType, contentEncoding) => {
    expect(encoded).toMatch(/\+.*\//)
    expect(linesOf(taken(fromBody(body, contentType, contentEncoding)))).toMatchObject([
      { event: 'e', properties: { token: 't1', a: '~>~?~>~?~~?' } },
    ])
  })

  test('the query', () => {
    const result = taken(prepareTrack({ nowMs, source: { data: encoded } }))
    expect(linesOf(result)).toMatchObject([{ properties: { a: '~>~?~>~?~~?' } }])
  })

  test('the other fields of a form are handed on', () => {
    const { fields } = taken(fromBody(`ip=0&data=${encoded}&verbose=1`))
    expect([...fields]).toEqual([
      ['ip', '0'],
      ['verbose', '1'],
    ])
  })

  test('a bare percent sign stands for itself', () => {
    expect(
      linesOf(taken(fromBody('data={"event":"e","properties":{"token":"t1","a":"50%"}}'))),
    ).toMatchObject([{ properties: { a: '50%' } }])
  })

  test.each<[string, string, string, string?]>([
    ['nothing', '', 'missing or empty'],
    ['an empty field', 'data=', 'missing or empty'],
    ['no data field', `event=${encoded}`, 'missing or empty'],
    ['neither JSON nor base64', 'data=*', 'neither JSON nor base64'],
    ['base64 of something else', `data=${Buffer.from('hello').toString('base64')}`, 'not valid JSON'],
    ['base64 of a number', `data=${base64(1)}`, 'not valid JSON'],
    ['half of it', `data=${encoded.slice(0, 20)}`, 'not valid JSON'],
    ['base64 of bytes that are no UTF-8', `data=${Buffer.from([0x5b, 0xff]).toString('base64')}`, 'UTF-8'],
    ['escapes that are no UTF-8', 'data=%ff', 'UTF-8'],
    ['a broken JSON body', '[{"event"', 'not valid JSON', 'application/json'],
  ])('%s is refused', (_name, body, sentence, contentType = form) => {
    expect(fromBody(body, contentType)).toEqual({
      refused: { code: 'INGEST_BODY_INVALID', error: expect.stringContaining(sentence) },
    })
  })

  test('a form of another kind is not supported', () => {
    expect(fromBody('x', 'multipart/form-data; boundary=x')).toMatchObject({
      refused: { code: 'INGEST_FORMAT_UNSUPPORTED' },
    })
  })
})

describe('events', () => {
  test('what is missing is made up: the time is now, the $insert_id its own', () => {
    const lines = linesOf(taken(fromBody(`data=${base64([event(), event()])}`)))
    const ids = lines.map(({ properties }) => properties.$insert_id)
    expect(lines[0]?.properties.time).toBe(Math.floor(nowMs / 1000))
    expect(lines[0]?.properties).not.toHaveProperty('mp_event_time_ms')
    expect(ids[0]).toMatch(/^[a-z0-9-]{1,36}$/)
    expect(ids[0]).not.toBe(ids[1])
  })

  test('they are grouped by token, with their places', () => {
    const { groups } = taken(
      fromBody(`data=${base64([event(), event({ token: 't2' }), event({ time: 1 }), event()])}`),
    )
    expect(groups).toMatchObject([
      { token: 't1', indexes: [0, 3], columns: { count: 2 } },
      { token: 't2', indexes: [1], columns: { count: 1 } },
    ])
  })

  test('more than 50 tokens are refused', () => {
    const events = (count: number) =>
      Array.from({ length: count }, (_, index) => event({ token: `t${index}` }))
    expect(taken(fromBody(`data=${base64(events(50))}`)).groups).toHaveLength(50)
    expect(fromBody(`data=${base64(events(51))}`)).toMatchObject({ refused: { code: 'INGEST_TOO_LARGE' } })
  })

  test('2,000 events are taken, 2,001 refused', () => {
    const events = (count: number) => JSON.stringify(Array(count).fill(event()))
    expect(taken(fromBody(events(2000), 'application/json')).count).toBe(2000)
    expect(fromBody(events(2001), 'application/json')).toMatchObject({
      refused: { code: 'INGEST_TOO_LARGE' },
    })
  })

  test('ten megabytes of empty fields cost little and are refused', () => {
    expect(fromBody('&'.repeat(10_000_000))).toMatchObject({ refused: { code: 'INGEST_BODY_INVALID' } })
  })
})
