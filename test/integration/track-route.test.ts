import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PenstockError } from '../../src/errors/penstock-error.ts'
import { acme, other, startIngestServer, trackEvent } from '../support/ingest-server.ts'

let server: Awaited<ReturnType<typeof startIngestServer>>

beforeAll(async () => {
  server = await startIngestServer()
})

afterAll(() => server.close())

afterEach(() => {
  server.stored.length = 0
})

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const get = (query: string, path = '/track') => fetch(`${server.url}${path}?${query}`)
const post = (body: string, query = '', headers: Record<string, string> = form) =>
  fetch(`${server.url}/track/${query}`, { method: 'POST', headers, body })

async function read(response: Response) {
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type: type.split(';')[0], text: await response.text() }
}

describe('answers', () => {
  const data = encodeURIComponent(base64(trackEvent()))
  const bad = encodeURIComponent(base64(trackEvent({ time: 1 })))

  test.each([
    [`data=${data}`, 'text/plain', '1'],
    [`data=${bad}`, 'text/plain', '0'],
    [`ip=0&verbose=0&data=${data}`, 'text/plain', '1'],
    [`verbose=1&data=${data}`, 'application/json', '{"status":1,"error":null}'],
    [`verbose=1&ip=1&_=1700000000000&data=${data}`, 'application/json', '{"status":1,"error":null}'],
    [`callback=tracked&data=${data}`, 'text/javascript', 'tracked(1);'],
    [`callback=my.app.$done_2&data=${bad}`, 'text/javascript', 'my.app.$done_2(0);'],
    [`callback=tracked&verbose=1&data=${data}`, 'text/javascript', 'tracked({"status":1,"error":null});'],
    [
      `callback=(function()%7B%7D)&verbose=1&data=${data}`,
      'text/javascript',
      '(function(){})({"status":1,"error":null});',
    ],
  ])('%s', async (query, type, text) => {
    expect(await read(await get(query))).toEqual({ status: 200, type, text })
  })

  test('img=1 is a picture, whatever became of the event', async () => {
    for (const sent of [data, bad]) {
      const response = await get(`img=1&data=${sent}`)
      expect(response.headers.get('content-type')).toBe('image/gif')
      expect(
        Buffer.from(await response.arrayBuffer())
          .subarray(0, 6)
          .toString(),
      ).toBe('GIF89a')
    }
  })

  test('verbose says which event, which field and what is allowed; the valid ones are stored', async () => {
    const events = [
      trackEvent({ a: 1 }),
      trackEvent({ distinct_id: null }),
      trackEvent({ token: 'x' }),
      trackEvent({ a: 2 }),
    ]
    const answer = await (await post(`data=${base64(events)}`, '?verbose=1')).json()
    expect(answer).toEqual({
      status: 0,
      error: expect.stringMatching(
        /^event 1: 'properties.distinct_id' is invalid: must be .*\(2 of 4 refused; the others are stored\)$/,
      ),
    })
    expect(server.stored.map(({ properties }) => properties.a)).toEqual([1, 2])
  })

  test('an empty array holds no events', async () => {
    expect(await (await post('data=[]', '?verbose=1')).json()).toEqual({
      status: 0,
      error: expect.stringContaining('no events'),
    })
  })

  test('options in the form count, as the Python SDK sends them', async () => {
    expect(
      await read(await post(`data=${encodeURIComponent(JSON.stringify(trackEvent()))}&verbose=1&ip=0`)),
    ).toEqual({
      status: 200,
      type: 'application/json',
      text: '{"status":1,"error":null}',
    })
  })

  test('nothing is cached', async () => {
    expect((await get(`data=${data}`)).headers.get('cache-control')).toBe('no-store')
  })
})

describe('events', () => {
  test('each goes to the project of its token', async () => {
    const events = [trackEvent({ n: 1 }), trackEvent({ n: 2, token: other.token }), trackEvent({ n: 3 })]
    expect(await (await post(`data=${base64(events)}`)).text()).toBe('1')
    expect(
      server.stored.map(({ projectId, timeZone, properties }) => [projectId, timeZone, properties.n]),
    ).toEqual([
      [acme.id, acme.timeZone, 1],
      [acme.id, acme.timeZone, 3],
      [other.id, other.timeZone, 2],
    ])
  })

  test('the address that a client sends is not stored', async () => {
    await get(`ip=1&data=${encodeURIComponent(base64(trackEvent({ ip: '192.0.2.1' })))}`)
    expect(server.stored).toHaveLength(1)
    expect(JSON.stringify(server.stored)).not.toMatch(/192\.0\.2\.1|127\.0\.0\.1/)
  })

  test("a beacon's text/plain and a JSON body are taken", async () => {
    expect(
      await (
        await post(`data=${encodeURIComponent(base64([trackEvent()]))}`, '', {
          'content-type': 'text/plain;charset=UTF-8',
        })
      ).text(),
    ).toBe('1')
    expect(
      await (await post(JSON.stringify([trackEvent()]), '', { 'content-type': 'application/json' })).text(),
    ).toBe('1')
    expect(server.stored).toHaveLength(2)
  })

  test('HEAD stores nothing', async () => {
    await fetch(`${server.url}/track?data=${base64(trackEvent())}`, { method: 'HEAD' })
    expect(server.stored).toEqual([])
  })
})

describe('pages of other origins', () => {
  const origin = 'https://shop.example'

  test('a preflight is allowed, with the headers that it asks for', async () => {
    const response = await fetch(`${server.url}/track/`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-requested-with',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'content-type,x-requested-with',
      'access-control-max-age': '86400',
      vary: 'Origin',
    })
  })

  test('answers and refusals can be read', async () => {
    for (const body of [`data=${base64(trackEvent())}`, '']) {
      const response = await post(body, '', { ...form, origin })
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
      expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    }
    expect((await get('')).headers.get('access-control-allow-origin')).toBe('*')
  })
})

test('a store in trouble answers 503, so that SDKs send again', async () => {
  const failure = new PenstockError('outside', 'STORE_BUSY', 'inner detail', { retryable: true })
  const troubled = await startIngestServer({ append: () => Promise.reject(failure) })
  const response = await fetch(`${troubled.url}/track?data=${base64(trackEvent())}`)
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(await response.json()).toEqual({ status: 0, error: expect.stringContaining('send it again') })
  await troubled.close()
})

test('a project past its bytes a minute gets 429, and nothing of the request is stored', async () => {
  const limited = await startIngestServer({ importBytesPerMinuteMax: 300 })
  const body = JSON.stringify([trackEvent(), trackEvent({ token: other.token })])
  const send = () =>
    fetch(`${limited.url}/track`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  expect((await send()).status).toBe(200)
  expect((await send()).status).toBe(429)
  expect(limited.stored).toHaveLength(2)
  await limited.close()
})
