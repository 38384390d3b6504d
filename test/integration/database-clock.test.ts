import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type DatabaseClock, openDatabaseClock } from '../../src/control/db/database-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** Far more than a busy machine takes to answer, and far less than the clocks here are apart. */
const apartMsMax = 30_000
const minutes = 60_000

let database: TestDatabase
const clocks: DatabaseClock[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(() => {
  vi.useRealTimers()
  for (const clock of clocks.splice(0)) clock.stop()
})
afterAll(() => database.drop())

async function open(): Promise<DatabaseClock> {
  const clock = await openDatabaseClock(database.pool)
  clocks.push(clock)
  return clock
}

/** As if this host's wall clock were set; no timer is touched. */
function setWallClock(byMs: number): void {
  const set = Date.now() + byMs
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(set)
}

async function apartMs(clock: DatabaseClock): Promise<number> {
  const { rows } = await database.pool.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  )
  return Math.abs(clock.nowMs() - (rows[0]?.ms ?? 0))
}

test.each([-10, 10])(
  'a host whose wall clock is off by %i minutes has the time of the database',
  async (by) => {
    setWallClock(by * minutes)
    expect(await apartMs(await open())).toBeLessThan(apartMsMax)
  },
)

test.each([-10, 10])('a wall clock that is set by %i minutes does not move it', async (by) => {
  const clock = await open()
  setWallClock(by * minutes)
  expect(await apartMs(clock)).toBeLessThan(apartMsMax)
})
