import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gzipSync, inflateRawSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type CreatedProject, createProject } from '../../src/control/projects/manage-projects.ts'
import type { RawExportDeps } from '../../src/http/raw-export/raw-export-routes.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld } from '../support/export-world.ts'
import { basic } from '../support/pipeline-server.ts'
import { type RawExportServer, sourceOf, startRawExportServer } from '../support/raw-export-server.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

let storePlace: StorePlace
let project: CreatedProject
let other: CreatedProject
let server: RawExportServer | undefined
beforeAll(async () => {
  storePlace = await openStorePlace('raw-export')
  const zone = { timeZone: 'America/Los_Angeles' }
  project = await createProject(storePlace.db, { name: 'a project', ...zone })
  other = await createProject(storePlace.db, { name: 'another', ...zone })
  const world = await createExportWorld({ ...storePlace, startMs: 0 })
  await world.append(project.projectId, zone.timeZone, events)
  realSource = sourceOf(world, storePlace.threads)
})
afterEach(async () => {
  await server?.close()
  server = undefined
})
afterAll(async () => {
  await storePlace?.close()
})

type Source = RawExportDeps['exportRange']
let realSource: Source

/** 200 of each of three days of Los Angeles; the first event of a day is at its midnight. */
const events = ['2024-02-10', '2024-02-11', '2024-02-13'].flatMap((date) =>
  Array.from({ length: 200 }, (_, index): TestEvent => {
    const time = Date.parse(`${date}T08:00:00Z`) / 1000 + index * 400
    return {
      event: index % 2 === 0 ? 'Viewed' : 'Order "paid"',
      properties: { time, distinct_id: `user ${index}`, $insert_id: `${date}-${index}`, amount: index },
    }
  }),
)
const day = { from_date: '2024-02-11', to_date: '2024-02-11' }
const eventsOf = (date: string) => events.filter(({ properties }) => properties.$insert_id.startsWith(date))

async function start(source = realSource, limits: Partial<RawExportDeps['limits']> = {}) {
  // The clock stands at the same time in each test, and so would what the tests before have asked.
  await storePlace.db.deleteFrom('project_turn').execute()
  server = await startRawExportServer(storePlace.db, source, limits)
  return server
}

async function ask(query: Record<string, string>): Promise<TestEvent[]> {
  const { get, close } = await startRawExportServer(storePlace.db, realSource)
  const answer = await get(project.apiSecret, query)
  const text = await answer.text()
  await close()
  expect([answer.status, text]).toEqual([200, expect.stringMatching(/^$|\n$/)])
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

const sorted = (list: TestEvent[]): string[] => list.map((event) => JSON.stringify(event)).sort()

test('days are those of the project’s zone, both ends included', async () => {
  expect(sorted(await ask(day))).toEqual(sorted(eventsOf('2024-02-11')))
  expect(await ask({ from_date: '2024-01-01', to_date: '2024-12-31' })).toHaveLength(600)
  expect(await ask({ from_date: '2024-02-12', to_date: '2024-02-12' })).toEqual([])
})

test('event, where and limit choose among them', async () => {
  const wanted = eventsOf('2024-02-11').filter(({ event }) => event === 'Order "paid"')
  expect(sorted(await ask({ ...day, event: '["Order \\"paid\\"", "none"]' }))).toEqual(sorted(wanted))
  const where = 'properties["amount"] >= 150'
  const chosen = wanted.filter(({ properties }) => Number(properties.amount) >= 150)
  expect(sorted(await ask({ ...day, event: '["Order \\"paid\\""]', where }))).toEqual(sorted(chosen))
  for (const limit of [1, 137, 599, 600, 100_000]) {
    const answered = await ask({ from_date: '2024-02-01', to_date: '2024-02-29', limit: String(limit) })
    expect(new Set(sorted(answered)).size).toBe(Math.min(limit, 600))
  }
})

test('with time_in_ms the time is the one that was sent, in milliseconds', async () => {
  const time = 1_707_700_000
  const fine = { time, distinct_id: 'a', $insert_id: 'x', mp_event_time_ms: time * 1000 + 123 }
  const nested = { time, distinct_id: 'a', $insert_id: 'y', other: { time: 5 }, text: '"time":7,' }
  const world = await createExportWorld({ ...storePlace, startMs: 0 })
  const { projectId, apiSecret } = await createProject(storePlace.db, { name: 'fine', timeZone: 'UTC' })
  const line = (properties: TestEvent['properties']) => ({ event: 'e', properties })
  await world.append(projectId, 'UTC', [line(fine), line(nested)])
  const { get } = await start(sourceOf(world, storePlace.threads))
  const answer = async (flag: string) =>
    (
      await (
        await get(apiSecret, { from_date: '2024-02-12', to_date: '2024-02-12', time_in_ms: flag })
      ).text()
    )
      .split('\n')
      .sort()
  const inMs = [line({ ...fine, time: time * 1000 + 123 }), line({ ...nested, time: time * 1000 })]
  const asText = (lines: object[]) => ['', ...lines.map((each) => JSON.stringify(each))].sort()
  expect(await answer('true')).toEqual(asText(inMs))
  expect(await answer('True')).toEqual(asText(inMs))
  expect(await answer('false')).toEqual(asText([line(fine), line(nested)]))
})

/** Bytes as they come. */
async function raw(url: string, headers: Record<string, string>): Promise<[IncomingMessage, Buffer]> {
  const asked = request(url, { headers: { authorization: basic(`${project.apiSecret}:`), ...headers } }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return [answer, await buffer(answer)]
}

test('a client that takes gzip gets one gzip member, and a short answer as it is', async () => {
  const { url } = await start()
  const whole = `${url}/?${new URLSearchParams(day)}`
  const [plain, lines] = await raw(whole, {})
  expect(plain.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    vary: 'accept-encoding',
  })
  expect(plain.headers['content-encoding']).toBeUndefined()
  for (const encodings of ['gzip', 'br;q=1.0, gzip;q=0.8, *;q=0.1', '*']) {
    const [packed, gzip] = await raw(whole, { 'accept-encoding': encodings })
    expect(packed.headers['content-encoding']).toBe('gzip')
    // Clients that there are stop after the first member.
    expect(inflateRawSync(gzip.subarray(10)).equals(lines)).toBe(true)
  }
  const [refused, same] = await raw(whole, { 'accept-encoding': 'gzip;q=0, br' })
  expect([refused.headers['content-encoding'], same.equals(lines)]).toEqual([undefined, true])
  const [short] = await raw(`${whole}&limit=3`, { 'accept-encoding': 'gzip' })
  expect(short.headers['content-encoding']).toBeUndefined()
  expect(Number(short.headers['content-length'])).toBeLessThanOrEqual(1400)
})

test.each([
  [{}, 'from_date is missing'],
  [{ from_date: '2024-02-11' }, 'to_date is missing'],
  [{ ...day, from_date: '2024-02-30' }, 'from_date "2024-02-30" must be a date'],
  [{ ...day, to_date: '2024-02-10' }, 'to_date 2024-02-10 must not be before from_date 2024-02-11'],
  [{ ...day, limit: '100001' }, 'limit "100001" must be a whole number from 1 to 100000'],
  [{ ...day, limit: '0' }, 'limit "0" must be'],
  [{ ...day, event: 'Viewed' }, 'event "Viewed" must be a JSON array of names'],
  [{ ...day, event: '[]' }, 'event "[]" must be a JSON array of names'],
  [{ ...day, event: JSON.stringify(['x'.repeat(256)]) }, 'must be at most 255 characters long'],
  [{ ...day, where: 'properties["a"' }, 'at column 15'],
  [{ ...day, time_in_ms: 'yes' }, 'time_in_ms "yes" must be true or false'],
  [{ ...day, events: '["Viewed"]' }, 'did you mean event?'],
  [{ ...day, project_id: '987654' }, 'the credential is not allowed for project 987654'],
] as [Record<string, string>, string][])('%j is refused', async (query, message) => {
  const { get } = await start()
  const answer = await get(project.apiSecret, query)
  expect([answer.status, await answer.json()]).toEqual([
    query.project_id === undefined ? 400 : 403,
    { error: expect.stringContaining(message), status: 'error' },
  ])
})

test('a stranger is told nothing, and another project has events of its own', async () => {
  const { get, url } = await start()
  expect((await get('0'.repeat(32), day)).status).toBe(401)
  expect((await get(project.token, day)).status).toBe(403)
  expect(await (await get(other.apiSecret, day)).text()).toBe('')
  const posted = await fetch(url, {
    method: 'POST',
    headers: { authorization: basic(`${project.apiSecret}:`) },
    body: new URLSearchParams(day),
  })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
})

test('a project that has asked too often is told what it has used, and when to come back', async () => {
  const { get, clock } = await start(realSource, { perHourMax: 4, perSecondMax: 2 })
  const status = async (secret = project.apiSecret) => {
    const answer = await get(secret, day)
    const text = await answer.text()
    const { error } = answer.status === 200 ? {} : JSON.parse(text)
    return [answer.status, answer.headers.get('retry-after'), error]
  }
  const fine = [200, null, undefined]
  expect([await status(), await status()]).toEqual([fine, fine])
  expect(await status()).toEqual([429, '1', 'the project has used 2 of 2 queries a second; try again in 1 s'])
  expect((await status(other.apiSecret))[0]).toBe(200)
  clock.ms += 1000
  expect([await status(), await status()]).toEqual([fine, fine])
  clock.ms += 1000
  expect(await status()).toEqual([
    ...[429, '3598', 'the project has used 4 of 4 queries an hour; try again in 3598 s'],
  ])
  clock.ms += 3_598_000
  expect(await status()).toEqual(fine)
})

/** Gzip members without an end; notes how many were taken, and whether it was ended. */
function endless() {
  const seen = { taken: 0, ended: false }
  const member = gzipSync(`${JSON.stringify({ event: 'e', properties: {} })}\n`.repeat(1000), { level: 0 })
  const source: Source = async function* (_range, signal) {
    try {
      for (;;) {
        signal.throwIfAborted()
        seen.taken += 1
        yield member
      }
    } finally {
      seen.ended = true
    }
  }
  return { seen, source, memberBytes: member.length }
}

/** A client that reads nothing of its answer. */
async function idleClient(url: string): Promise<ClientRequest> {
  const asked = request(`${url}?${new URLSearchParams(day)}`, {
    headers: { authorization: basic(`${project.apiSecret}:`) },
  }).end()
  asked.on('error', () => undefined)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.on('error', () => undefined)
  return asked
}

test('what a slow client does not take is not read, and ends with it', { timeout: 60_000 }, async () => {
  const { seen, source, memberBytes } = endless()
  const { url, get } = await start(source, { atOnceMax: 1 })
  const client = await idleClient(url)
  let before = -1
  await expect
    .poll(
      () => {
        const stands = before === seen.taken
        before = seen.taken
        return stands
      },
      { interval: 500, timeout: 30_000 },
    )
    .toBe(true)
  // What lies between are the buffers of two sockets.
  expect(seen.taken * memberBytes).toBeLessThan(64 * 1024 * 1024)
  const second = await get(project.apiSecret, day)
  expect([second.status, await second.json()]).toMatchObject([
    429,
    { error: expect.stringContaining('1 of 1 queries at once') },
  ])
  client.destroy()
  await expect.poll(() => seen.ended, { timeout: 30_000 }).toBe(true)
  // Its place is free a moment later.
  const again = async () => {
    const third = await get(project.apiSecret, day)
    await third.body?.cancel()
    return third.status
  }
  await expect.poll(again, { timeout: 30_000 }).toBe(200)
})

test('a client that takes nothing for too long is cut off', { timeout: 60_000 }, async () => {
  const { seen, source } = endless()
  const { url } = await start(source, { stallMs: 300 })
  await idleClient(url)
  await expect.poll(() => seen.ended, { timeout: 30_000 }).toBe(true)
})

test('a client that leaves while its day is planned ends the planning', { timeout: 60_000 }, async () => {
  const seen = { begun: false, ended: false }
  const { url } = await start(async function* (_range, signal) {
    seen.begun = true
    await once(signal, 'abort')
    seen.ended = true
    yield new Uint8Array()
  })
  const asked = request(`${url}?${new URLSearchParams(day)}`, {
    headers: { authorization: basic(`${project.apiSecret}:`) },
  }).end()
  asked.on('error', () => undefined)
  await expect.poll(() => seen.begun, { timeout: 30_000 }).toBe(true)
  asked.destroy()
  await expect.poll(() => seen.ended, { timeout: 30_000 }).toBe(true)
})

test('what fails at first is an error, and what fails later never looks whole', async () => {
  // More than the buffers on the way hold, so that the answer has begun when it fails.
  const member = () => gzipSync(`${randomBytes(100_000).toString('hex')}\n`)
  const failing = (members: number): Source =>
    async function* () {
      for (let count = 0; count < members; count++) yield member()
      throw new Error('the disk is on fire')
    }
  const asking = async (source: Source, encoding: string) => {
    const { get, close } = await startRawExportServer(storePlace.db, source)
    const answer = await get(project.apiSecret, day, { 'accept-encoding': encoding })
    return { status: answer.status, body: await answer.text().catch(() => 'cut'), closed: await close() }
  }
  for (const encoding of ['gzip', 'identity']) {
    const first = await asking(failing(0), encoding)
    expect([first.status, JSON.parse(first.body)]).toMatchObject([500, { status: 'error' }])
    expect(await asking(failing(40), encoding)).toMatchObject({ status: 200, body: 'cut' })
  }
})
