/**
 * Ten bad requests of each kind, each sent to a real server: the right status, a sentence that says what is allowed, and
 * nothing stored.
 */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { acme, basic, importEvent, other, startIngestServer, trackEvent } from '../support/ingest-server.ts'

let server: Awaited<ReturnType<typeof startIngestServer>>

beforeAll(async () => {
  server = await startIngestServer()
})

afterAll(() => server.close())

afterEach(() => {
  expect(server.stored).toEqual([])
})

interface Sent {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array | ReadableStream
}

type Case = [name: string, sent: Sent, status: number, sentence: string | RegExp]

const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const signed = { ...basic(acme.secret), ...json }

async function send({ path = '/import', method = 'POST', headers = signed, body }: Sent) {
  const init: RequestInit = { method, headers }
  if (body !== undefined) Object.assign(init, { body, duplex: 'half' })
  const response = await fetch(server.url + path, init)
  return { status: response.status, answer: (await response.json()) as { error: string; status: unknown } }
}

async function expectRefusal(sent: Sent, status: number, sentence: string | RegExp): Promise<void> {
  const { status: received, answer } = await send(sent)
  expect({ status: received, error: answer.error }).toEqual({
    status,
    error: typeof sentence === 'string' ? expect.stringContaining(sentence) : expect.stringMatching(sentence),
  })
  if ((sent.path ?? '/import').startsWith('/track')) expect(answer.status).toBe(0)
}

const events = (count: number) => Array.from({ length: count }, () => importEvent())
const tracks = (count: number) => Array.from({ length: count }, () => trackEvent())
const one = JSON.stringify(events(1))
const oneTrack = JSON.stringify(trackEvent())
const asData = (text: string) => `data=${encodeURIComponent(text)}`

describe('credentials', () => {
  const withHeader = (authorization: string, path = '/import'): Sent => ({
    path,
    headers: { authorization, ...json },
    body: one,
  })
  test.each<Case>([
    ['none', { headers: json, body: one }, 401, 'API secret or token as user name'],
    ['an empty header', withHeader(''), 401, 'API secret or token as user name'],
    ['another scheme', withHeader(`Bearer ${acme.secret}`), 401, 'Authorization: Basic'],
    [
      'no colon, unknown',
      withHeader(`Basic ${Buffer.from('f'.repeat(32)).toString('base64')}`),
      401,
      /^Invalid credentials$/,
    ],
    ['an unknown secret', withHeader(basic('f'.repeat(32)).authorization), 401, /^Invalid credentials$/],
    ['no user', withHeader(basic('').authorization), 401, /^Invalid credentials$/],
    [
      'a secret in capitals',
      withHeader(basic(acme.secret.toUpperCase()).authorization),
      401,
      /^Invalid credentials$/,
    ],
    [
      'an unknown service account',
      withHeader(basic('robot', 'secret').authorization),
      401,
      /^Invalid credentials$/,
    ],
    [
      "another project's id",
      withHeader(basic(other.secret).authorization, `/import?project_id=${acme.id}`),
      401,
      /^Invalid credentials$/,
    ],
    [
      "an unknown project's id",
      withHeader(basic(acme.token).authorization, '/import?project_id=999'),
      401,
      /^Invalid credentials$/,
    ],
  ])('%s', async (_name, sent, status, sentence) => {
    await expectRefusal(sent, status, sentence)
  })

  test.each([
    ['no token', { token: undefined }],
    ['an unknown token', { token: 'f'.repeat(32) }],
    ['the secret', { token: acme.secret }],
    ['a number', { token: 17 }],
  ])('/track with %s answers 0 and says why', async (_name, properties) => {
    const body = asData(JSON.stringify(trackEvent(properties)))
    const response = await fetch(`${server.url}/track?verbose=1`, { method: 'POST', headers: form, body })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 0, error: expect.stringContaining('token of a project') })
    expect(await (await fetch(`${server.url}/track`, { method: 'POST', headers: form, body })).text()).toBe(
      '0',
    )
  })
})

describe('parameters', () => {
  const importWith = (query: string): Sent => ({ path: `/import?${query}`, body: one })
  const trackWith = (query: string): Sent => ({
    path: `/track?${query}`,
    headers: form,
    body: asData(oneTrack),
  })
  test.each<Case>([
    ['strict=2', importWith('strict=2'), 400, 'strict must be 0 or 1'],
    ['strict=yes', importWith('strict=yes'), 400, 'strict must be 0 or 1'],
    ['project_id=acme', importWith('project_id=acme'), 400, 'project_id must be'],
    ['project_id=-1', importWith('project_id=-1'), 400, 'project_id must be'],
    ['project_id=1.5', importWith('project_id=1.5'), 400, 'project_id must be'],
    ['an escape that is no UTF-8', importWith('strict=%ff'), 400, 'UTF-8'],
    ['verbose=2', trackWith('verbose=2'), 400, 'verbose must be 0 or 1'],
    ['ip=10.0.0.1', trackWith('ip=10.0.0.1'), 400, 'ip must be 0 or 1'],
    ['img=gif', trackWith('img=gif'), 400, 'img must be 0 or 1'],
    [
      'a call as callback',
      trackWith('callback=alert(1)'),
      400,
      'callback must be the name of a JavaScript function',
    ],
    ['markup as callback', trackWith('callback=%3Cscript%3E'), 400, 'callback must be the name'],
    ['two statements as callback', trackWith('callback=a%3Bb'), 400, 'callback must be the name'],
  ])('%s', async (_name, sent, status, sentence) => {
    await expectRefusal(sent, status, sentence)
  })
})

describe('bodies', () => {
  const trackForm = (body: string): Sent => ({ path: '/track', headers: form, body })
  test.each<Case>([
    ['no body', {}, 400, 'empty: send a JSON array'],
    ['space', { body: ' \n ' }, 400, 'empty: send a JSON array'],
    ['half an array', { body: one.slice(0, -1) }, 400, 'not valid JSON: send a JSON array'],
    ['a number', { body: '42' }, 400, 'send a JSON array'],
    ['a string', { body: '"event"' }, 400, 'send a JSON array'],
    ['a form', { body: asData(one) }, 400, 'send a JSON array'],
    ['bytes that are no UTF-8', { body: Buffer.from([0x5b, 0xc3, 0x28, 0x5d]) }, 400, 'not valid UTF-8'],
    ['/track without data', trackForm('event=a'), 400, 'data is missing or empty: send one event'],
    ['/track with base64 of nothing', trackForm('data=%3D%3D'), 400, 'send one event or an array'],
    [
      '/track with half an object',
      trackForm(asData(oneTrack.slice(0, -1))),
      400,
      'not valid JSON: send one event',
    ],
    ['/track with neither JSON nor base64', trackForm('data=%21%21'), 400, 'neither JSON nor base64'],
    [
      'GET /track without data',
      { path: '/track', method: 'GET', headers: {} },
      400,
      'data is missing or empty',
    ],
  ])('%s', async (_name, sent, status, sentence) => {
    await expectRefusal(sent, status, sentence)
  })

  const bad: [string, unknown, string][] = [
    ['null', null, 'event'],
    ['no name', { properties: {} }, 'event'],
    ['a long name', importEvent({}, 'x'.repeat(256)), 'event'],
    ['no properties', { event: 'e' }, 'properties'],
    ['no time', importEvent({ time: undefined }), 'properties.time'],
    ['a time of 1970', importEvent({ time: 1 }), 'properties.time'],
    ['a time two hours ahead', importEvent({ time: Date.now() + 7_200_000 }), 'properties.time'],
    ['no distinct_id', importEvent({ distinct_id: undefined }), 'properties.distinct_id'],
    ['a placeholder', importEvent({ distinct_id: 'anonymous' }), 'properties.distinct_id'],
    ['no $insert_id', importEvent({ $insert_id: undefined }), 'properties.$insert_id'],
    ['a long $insert_id', importEvent({ $insert_id: 'x'.repeat(37) }), 'properties.$insert_id'],
    ['four levels', importEvent({ a: { b: { c: { d: {} } } } }), 'properties.a'],
  ]

  test.each(bad)('strict: an event with %s', async (_name, event, field) => {
    const { status, answer } = await send({ path: '/import?strict=1', body: JSON.stringify([event]) })
    expect(status).toBe(400)
    expect(answer).toMatchObject({
      failed_records: [{ index: 0, field, message: expect.stringMatching(/must/) }],
      num_records_imported: 0,
    })
  })

  test('not strict: they are left out and 0 are counted', async () => {
    const { status, answer } = await send({ body: JSON.stringify(bad.map(([, event]) => event)) })
    expect({ status, answer }).toEqual({
      status: 200,
      answer: { code: 200, num_records_imported: 0, status: 'OK' },
    })
  })
})

describe('encodings', () => {
  const encoded = (encoding: string, body: Uint8Array): Sent => ({
    headers: { ...signed, 'content-encoding': encoding },
    body,
  })
  const typed = (type: string, path = '/import'): Sent => ({
    path,
    headers: { ...signed, 'content-type': type },
    body: one,
  })
  test.each<Case>([
    ['brotli', encoded('br', brotliCompressSync(one)), 415, 'send gzip, deflate'],
    ['zstd', encoded('zstd', zstdCompressSync(one)), 415, 'send gzip, deflate'],
    ['compress', encoded('compress', Buffer.from(one)), 415, 'send gzip, deflate'],
    ['two at once', encoded('deflate, gzip', gzipSync(deflateSync(one))), 415, 'send gzip, deflate'],
    [
      'plain text called gzip',
      encoded('gzip', Buffer.from(one)),
      400,
      'not valid gzip: send complete gzip data',
    ],
    ['half a gzip', encoded('gzip', gzipSync(one).subarray(0, 40)), 400, 'not valid gzip'],
    ['a damaged gzip', encoded('gzip', gzipSync(one).fill(0, 20, 40)), 400, 'not valid gzip'],
    ['gzip called deflate', encoded('deflate', gzipSync(one)), 400, 'not valid deflate'],
    ['CSV', typed('text/csv'), 415, 'send application/json or application/x-ndjson'],
    [
      'a form',
      typed('application/x-www-form-urlencoded'),
      415,
      'send application/json or application/x-ndjson',
    ],
    ['UTF-16', typed('application/json; charset=utf-16'), 415, 'UTF-8'],
    ['a type that is none', typed('json'), 415, /send|Media Type/],
    [
      'a multipart form on /track',
      typed('multipart/form-data; boundary=x', '/track'),
      415,
      'application/json',
    ],
    [
      'brotli on /track',
      { ...encoded('br', brotliCompressSync(oneTrack)), path: '/track' },
      415,
      'send gzip',
    ],
  ])('%s', async (_name, sent, status, sentence) => {
    await expectRefusal(sent, status, sentence)
  })
})

const tooManyBytes = /^request exceeds max limit of 10485760 bytes$/

describe('gzip bombs', () => {
  const zeros = (mebibytes: number) => Buffer.alloc(mebibytes * 1024 ** 2)
  const spaces = (mebibytes: number) => Buffer.alloc(mebibytes * 1024 ** 2, ' ')
  const gzip = { ...signed, 'content-encoding': 'gzip' }
  const bomb = gzipSync(zeros(200), { level: 9 })
  test.each<[string, Sent]>([
    ['200 MB of zeros', { headers: gzip, body: bomb }],
    ['2 GB in ten members', { headers: gzip, body: Buffer.concat(Array(10).fill(bomb)) }],
    ['just over the limit', { headers: gzip, body: gzipSync(Buffer.concat([zeros(10), Buffer.from('x')])) }],
    [
      'space around an event',
      { headers: gzip, body: gzipSync(Buffer.concat([Buffer.from(one), spaces(20)])) },
    ],
    ['blank lines', { headers: { ...gzip, ...ndjson }, body: gzipSync(Buffer.alloc(20 * 1024 ** 2, '\n')) }],
    ['one huge string', { headers: gzip, body: gzipSync(`["${'x'.repeat(11 * 1024 ** 2)}"]`) }],
    ['deflate', { headers: { ...signed, 'content-encoding': 'deflate' }, body: deflateSync(zeros(100)) }],
    ['x-gzip', { headers: { ...signed, 'content-encoding': 'x-gzip' }, body: bomb }],
    [
      'a form on /track',
      {
        path: '/track',
        headers: { ...form, 'content-encoding': 'gzip' },
        body: gzipSync(`data=${'x'.repeat(11 * 1024 ** 2)}`),
      },
    ],
    ['JSON on /track', { path: '/track', headers: { ...json, 'content-encoding': 'gzip' }, body: bomb }],
  ])('%s', async (_name, sent) => {
    await expectRefusal(sent, 413, tooManyBytes)
  })
})

describe('11 MB', () => {
  const text = ' '.repeat(11_000_000 - one.length) + one
  const bytes = Buffer.from(text)
  /** Without a Content-Length, in pieces. */
  const stream = () => new Blob([bytes]).stream()
  const incompressible = (length: number) => {
    const noise = new Uint8Array(length)
    for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536))
    return noise
  }
  test.each<[string, () => Sent]>([
    ['an array', () => ({ body: text })],
    ['an array in chunks', () => ({ body: stream() })],
    ['lines', () => ({ headers: { ...signed, ...ndjson }, body: text })],
    ['one byte over the limit', () => ({ body: bytes.subarray(0, 10_485_761) })],
    [
      'one byte over the limit, in chunks',
      () => ({ body: new Blob([bytes.subarray(0, 10_485_761)]).stream() }),
    ],
    [
      'gzip of 11 MB',
      () => ({ headers: { ...signed, 'content-encoding': 'gzip' }, body: incompressible(11_000_000) }),
    ],
    [
      'an encoding that is not supported',
      () => ({ headers: { ...signed, 'content-encoding': 'br' }, body: text }),
    ],
    ['a form on /track', () => ({ path: '/track', headers: form, body: `data=${text}` })],
    ['JSON on /track', () => ({ path: '/track/', headers: json, body: text })],
    ['chunks on /track', () => ({ path: '/track?verbose=1', headers: json, body: stream() })],
  ])('%s', async (_name, sent) => {
    await expectRefusal(sent(), 413, tooManyBytes)
  })

  test('without credentials it is refused unread', async () => {
    await expectRefusal({ headers: json, body: text }, 401, 'Invalid credentials')
  })
})

describe('2,001 events', () => {
  const array = JSON.stringify(events(2001))
  const lines = events(2001)
    .map((event) => JSON.stringify(event))
    .join('\n')
  const tracked = JSON.stringify(tracks(2001))
  const base64 = Buffer.from(tracked).toString('base64')
  const track = (headers: Record<string, string>, body: string | Uint8Array): Sent => ({
    path: '/track',
    headers,
    body,
  })
  test.each<[string, Sent]>([
    ['an array', { body: array }],
    ['a strict array', { path: '/import?strict=1', body: array }],
    ['lines', { headers: { ...signed, ...ndjson }, body: lines }],
    ['lines called JSON', { body: lines }],
    ['a packed array', { headers: { ...signed, 'content-encoding': 'gzip' }, body: gzipSync(array) }],
    ['an array of nothing', { body: `[${'null,'.repeat(2000)}null]` }],
    ['lines that are no events', { headers: { ...signed, ...ndjson }, body: 'x\n'.repeat(2001) }],
    ['base64 in a form on /track', track(form, asData(base64))],
    ['JSON in a form on /track', track(form, asData(tracked))],
    ['a JSON body on /track', track(json, tracked)],
    ['a packed JSON body on /track', track({ ...json, 'content-encoding': 'gzip' }, gzipSync(tracked))],
  ])('%s', async (_name, sent) => {
    await expectRefusal(sent, 413, 'max limit of 2000 events')
  })
})
