import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { PenstockError } from '../../src/errors/penstock-error.ts'
import type { IngestDeps } from '../../src/http/ingest/ingest-deps.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { acme, basic, importEvent, other, startIngestServer } from '../support/ingest-server.ts'

type Server = Awaited<ReturnType<typeof startIngestServer>>

const servers: Server[] = []
const threads = createThreadPool(1)

afterAll(() => threads.close())

async function start(overrides: Partial<IngestDeps> = {}): Promise<Server> {
  const server = await startIngestServer({ run: threads.run, ...overrides })
  servers.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const signed = { ...basic(acme.secret), 'content-type': 'application/json' }

function post(
  server: Server,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = signed,
  query = '',
) {
  return fetch(`${server.url}/import${query}`, { method: 'POST', headers, body })
}

const json = (count: number) => JSON.stringify(Array.from({ length: count }, () => importEvent()))

describe('answers', () => {
  test('all valid: 200 and the count, in this order of keys', async () => {
    const server = await start()
    const response = await post(server, json(3), signed, '?strict=1')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.text()).toBe('{"code":200,"num_records_imported":3,"status":"OK"}')
    expect(server.stored).toHaveLength(3)
  })

  test('some invalid: strict lists them and stores the others', async () => {
    const server = await start()
    const sent = [
      importEvent({ a: 1 }),
      importEvent({ time: 'x', $insert_id: 'bad-1' }),
      importEvent({ a: 2 }),
    ]
    const response = await post(server, JSON.stringify(sent), signed, '?strict=1')
    expect(response.status).toBe(400)
    expect(await response.text()).toBe(
      '{"code":400,"error":"some data points in the request failed validation","failed_records":[{"index":1,"$insert_id":"bad-1","field":"properties.time","message":"\'properties.time\' is invalid: must be specified as seconds or milliseconds since the epoch, as a number"}],"num_records_imported":2,"status":"Bad Request"}',
    )
    expect(server.stored.map(({ properties }) => properties.a)).toEqual([1, 2])
  })

  test('some invalid: without strict only the valid are counted', async () => {
    const server = await start()
    for (const query of ['', '?strict=0']) {
      const response = await post(server, JSON.stringify([importEvent(), { event: '' }]), signed, query)
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('{"code":200,"num_records_imported":1,"status":"OK"}')
    }
  })

  test.each([
    [401, '{"code":401,"error":"Invalid credentials","status":"Unauthorized"}', basic('x'.repeat(32)), ''],
    [
      413,
      '{"code":413,"error":"request exceeds max limit of 10485760 bytes","status":"Request Entity Too Large"}',
      signed,
      ' '.repeat(10_485_761),
    ],
  ])('%i in the words of the reference', async (status, text, headers, body) => {
    const response = await post(await start(), body, headers)
    expect({ status: response.status, text: await response.text() }).toEqual({ status, text })
  })

  test('a body of exactly 10,485,760 bytes is taken', async () => {
    const server = await start()
    const events = json(1)
    const response = await post(server, events + ' '.repeat(10_485_760 - events.length))
    expect(response.status).toBe(200)
    expect(server.stored).toHaveLength(1)
  })
})

describe('credentials', () => {
  test.each([
    ['the API secret', basic(acme.secret), ''],
    ['the token', basic(acme.token), ''],
    ['plain text', { authorization: `Basic ${acme.secret}:` }, ''],
    ["the project's own id beside it", basic(acme.secret), `?project_id=${acme.id}`],
  ])('%s', async (_name, headers, query) => {
    const server = await start()
    const response = await post(server, json(1), { ...headers, 'content-type': 'application/json' }, query)
    expect(response.status).toBe(200)
    expect(server.stored).toMatchObject([{ projectId: acme.id, timeZone: acme.timeZone }])
  })

  test("events go to the credential's project, whatever token they carry", async () => {
    const server = await start()
    const headers = { ...basic(other.secret), 'content-type': 'application/json' }
    await post(server, JSON.stringify([importEvent({ token: acme.token })]), headers)
    expect(server.stored).toMatchObject([{ projectId: other.id, properties: { token: acme.token } }])
  })
})

test('a packed body and lines are taken', async () => {
  const server = await start()
  const lines = [importEvent(), importEvent()].map((event) => JSON.stringify(event)).join('\n')
  const headers = { ...signed, 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' }
  expect((await post(server, new Uint8Array(gzipSync(lines)), headers)).status).toBe(200)
  expect(server.stored).toHaveLength(2)
})

test('the answer waits for the store', async () => {
  const durable = Promise.withResolvers<void>()
  const appended = Promise.withResolvers<void>()
  const server = await start({
    append: () => {
      appended.resolve()
      return durable.promise
    },
  })
  let answered = false
  const response = post(server, json(1)).finally(() => {
    answered = true
  })
  await appended.promise
  await new Promise((resolve) => setImmediate(resolve))
  expect(answered).toBe(false)
  durable.resolve()
  expect((await response).status).toBe(200)
})

describe('trouble', () => {
  const failing = (error: Error) => start({ append: () => Promise.reject(error) })

  test('a store that may work again: 503, when to come back, and no inner detail', async () => {
    const full = new PenstockError('outside', 'STORE_DISK_FULL', 'ENOSPC /var/lib/penstock', {
      retryable: true,
    })
    const response = await post(await failing(full), json(1))
    const text = await response.text()
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(JSON.parse(text)).toEqual({
      code: 503,
      error: expect.stringContaining('send it again'),
      status: 'Service Unavailable',
    })
    expect(text).not.toContain('/var/lib')
  })

  test('a bug: 500, and no inner detail', async () => {
    const response = await post(await failing(new Error('secret detail')), json(1))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret detail')
  })

  test('credentials that cannot be looked up: 503', async () => {
    const away = new PenstockError('outside', 'DATABASE_UNREACHABLE', 'no connection', { retryable: true })
    const projects = { bySecret: () => Promise.reject(away), byToken: () => Promise.reject(away) }
    expect((await post(await start({ projects }), json(1))).status).toBe(503)
  })

  test('a project past its bytes a minute: 429 in the words of the reference, other projects go on', async () => {
    const clock = { now: Date.now(), nowMs: () => clock.now }
    const server = await start({ importBytesPerMinuteMax: 400, clock })
    const body = json(3)
    expect((await post(server, body)).status).toBe(200)
    const refused = await post(server, body)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.text()).toBe(
      '{"code":429,"error":"Project exceeded rate limits. Please retry the request with exponential backoff.","status":"Too Many Requests"}',
    )
    expect(server.stored).toHaveLength(3)
    expect(
      (await post(server, body, { ...basic(other.secret), 'content-type': 'application/json' })).status,
    ).toBe(200)
    clock.now += 60_000
    expect((await post(server, body)).status).toBe(200)
  })

  test('more bytes at once than have room: a body waits, and 503 to more until the others are done', async () => {
    const durable = Promise.withResolvers<void>()
    const appended = Promise.withResolvers<void>()
    const server = await start({
      bytesInFlightMax: 4 * 1024 ** 2,
      append: () => {
        appended.resolve()
        return durable.promise
      },
    })
    const first = post(server, json(1) + ' '.repeat(2.5 * 1024 ** 2))
    await appended.promise
    const second = post(server, json(1) + ' '.repeat(0.9 * 1024 ** 2))
    // When the second one is whole is not known: what comes before that is let in.
    const letIn: Promise<Response>[] = []
    const refused = async (): Promise<Response> => {
      const asked = post(server, json(1))
      const answer = await Promise.race([asked, new Promise<void>((resolve) => setTimeout(resolve, 200))])
      if (answer?.status === 503) return answer
      letIn.push(asked)
      return await refused()
    }
    expect((await refused()).headers.get('retry-after')).toBe('1')
    durable.resolve()
    for (const answer of [first, second]) expect((await answer).status).toBe(200)
    for (const answer of letIn) expect([200, 503]).toContain((await answer).status)
    expect((await post(server, json(1))).status).toBe(200)
  })
})

describe('clients that are slow or go away', () => {
  test('a body that does not come in time: 408 and the connection ends', async () => {
    const server = await start({ bodyTimeMsMax: 50 })
    const request = httpRequest(`${server.url}/import`, {
      method: 'POST',
      headers: { ...signed, 'content-length': 100 },
    })
    request.write('[')
    const [status, connection, text] = await new Promise<[number | undefined, string | undefined, string]>(
      (resolve, reject) => {
        request.on('error', reject)
        request.on('response', async (response) => {
          let received = ''
          for await (const chunk of response) received += chunk
          resolve([response.statusCode, response.headers.connection, received])
        })
      },
    )
    request.destroy()
    expect([status, connection]).toEqual([408, 'close'])
    expect(JSON.parse(text).error).toContain('within 0.05 seconds')
    expect(server.stored).toEqual([])
  })

  test('a client that breaks off stores nothing and harms nobody', async () => {
    const server = await start()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const head = `POST /import HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${acme.secret}:\r\nContent-Type: application/json\r\n`
    socket.write(`${head}Content-Length: 5000\r\n\r\n${json(1)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    expect((await post(server, json(1))).status).toBe(200)
    expect(server.stored).toHaveLength(1)
  })

  test('a client that announces more than the limit is answered before it sends it', async () => {
    const server = await start()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const head = `POST /import HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${acme.secret}:\r\nContent-Type: application/json\r\n`
    socket.write(`${head}Content-Length: 10485761\r\n\r\n[`)
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    )
    socket.destroy()
    expect(answer).toContain('413')
  })
})
