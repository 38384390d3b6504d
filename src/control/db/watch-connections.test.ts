import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { openTcpGate, type TcpGate } from '../../../test/support/tcp-gate.ts'
import { isDatabaseAway } from './database-away.ts'
import { type ConnectionWatch, watchConnections } from './watch-connections.ts'

const lookMs = 100
const silentMsMax = 600

let database: TestDatabase
let gate: TcpGate
let pool: pg.Pool
let watch: ConnectionWatch
let ended: number[]
beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(async () => {
  const url = new URL(database.url)
  gate = await openTcpGate({ host: url.hostname, port: Number(url.port) })
  url.port = String(gate.port)
  ended = []
  watch = watchConnections(url.href, {
    ...{ applicationName: 'test', lookMs, silentMsMax },
    onSilent: (silentMs) => ended.push(silentMs),
  })
  pool = new pg.Pool({
    ...{ connectionString: url.href, max: 3 },
    ...{ stream: watch.openSocket, onConnect: watch.add },
  })
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  // There is one, and the server's number for it is known.
  await pool.query('select 1')
})
afterEach(async () => {
  await gate.close()
  await pool.end()
  watch.stop()
})
afterAll(() => database?.drop())

const failure = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'no failure',
    (cause: unknown) => cause,
  )
const longerThanSilence = `select pg_sleep(${(3 * silentMsMax) / 1000})`

test('a query that takes long is waited for as long as the server works at it', async () => {
  expect(await failure(pool.query(longerThanSilence))).toBe('no failure')
  expect(ended).toEqual([])
})

test('so is one that waits for what another holds', async () => {
  const [holder, waiter] = [await pool.connect(), await pool.connect()]
  await holder.query('select pg_advisory_lock(1)')
  const waits = failure(waiter.query('select pg_advisory_lock(1)'))
  await holder.query(longerThanSilence)
  await holder.query('select pg_advisory_unlock(1)')
  expect(await waits).toBe('no failure')
  for (const client of [holder, waiter]) client.release(true)
  expect(ended).toEqual([])
})

test('a connection that somebody holds and asks nothing of may rest', async () => {
  const client = await pool.connect()
  await client.query('begin')
  await new Promise((resolve) => setTimeout(resolve, 3 * silentMsMax))
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  client.release(true)
  expect(ended).toEqual([])
})

test('a question that the server never got fails as of a database that is away, though it answers others', async () => {
  gate.silence()
  const answer = failure(pool.query('select 2'))
  gate.open()
  expect(isDatabaseAway(await answer)).toBe(true)
  expect(ended.every((silentMs) => silentMs >= silentMsMax)).toBe(true)
  expect(ended).toHaveLength(1)
  expect((await pool.query('select 3 as three')).rows).toEqual([{ three: 3 }])
})

test.each([
  ['never came', "select pg_sleep(0.5), 'short'", 'short'],
  ['is stuck half-way', "select pg_sleep(0.5), repeat('long', 10000000)", 'long'],
])('so does one whose answer %s', async (_, question, word) => {
  const isAtWork = `select 1 from pg_stat_activity where query like '%pg_sleep(0.5), %${word}%' and pid <> pg_backend_pid()`
  const answer = failure(pool.query(question))
  await expect.poll(async () => (await database.pool.query(isAtWork)).rowCount).toBe(1)
  gate.silence()
  gate.open()
  expect(isDatabaseAway(await answer)).toBe(true)
  expect(ended).toHaveLength(1)
})

test('and every one, where the server says nothing to anybody', async () => {
  const clients = [await pool.connect(), await pool.connect()]
  gate.silence()
  const answers = await Promise.all(clients.map((client) => failure(client.query('select 4'))))
  gate.open()
  expect(answers.map(isDatabaseAway)).toEqual([true, true])
  expect(ended).toHaveLength(2)
  for (const client of clients) client.release(true)
  expect((await pool.query('select 6 as six')).rows).toEqual([{ six: 6 }])
})

test('broken off, whatever waits ends at once: in a query, while it is opened, and later', async () => {
  const client = await pool.connect()
  const asked = failure(client.query(longerThanSilence))
  gate.silence()
  const opened = failure(pool.connect())
  // Both are on their way.
  await new Promise((resolve) => setTimeout(resolve, lookMs))
  watch.breakOff()
  expect(isDatabaseAway(await asked)).toBe(true)
  client.release(true)
  expect(isDatabaseAway(await opened)).toBe(true)
  expect(isDatabaseAway(await failure(pool.query('select 7')))).toBe(true)
})
