/** What `GET /metrics` shows of what the database knows: right in every process, and no reason to wait. */
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { readBacklog } from '../../src/control/runs/read-backlog.ts'
import type { LocalHour } from '../../src/ids.ts'
import { registerBacklogGauges } from '../../src/telemetry/backlog-gauges.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { insertPipeline, insertProject, insertRun } from '../support/pipeline-rows.ts'

const nowMs = Date.UTC(2026, 10, 24, 12)
const ago = (seconds: number) => new Date(nowMs - seconds * 1000)
const ahead = new Date(nowMs + 3_600_000)

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  await database?.drop()
})

const read = () => readBacklog(database.db, { nowMs, timeoutMs: 10_000 })

/** The values of Penstock's own series by their names. */
async function scrape(registry: Registry): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('penstock_'))
  return Object.fromEntries(
    lines.map((line) => line.split(' ')).map(([name = '', value]) => [name, Number(value)]),
  )
}

test('nothing to do is shown as nothing, in numbers', async () => {
  expect(await read()).toEqual({
    runs: { pending: 0, running: 0, retried: 0, failed: 0, timed_out: 0 },
    ...{ runsDue: 0, lagSeconds: 0, pipelinesHeld: 0, notificationsWaiting: 0 },
  })
})

test('runs are counted by state; the lag is that of the folder that waits longest, of pipelines that go on', async () => {
  const { db } = database
  const projectId = await insertProject(db)
  const active = await insertPipeline(db, projectId)
  const held = await insertPipeline(db, projectId, {
    ...{ state: 'paused', pause_reason: 'S3_PUT_DENIED', next_connection_test_at: ahead },
  })
  const stopped = await insertPipeline(db, projectId, { state: 'paused' })
  let hour = 400_000
  const run = (columns: Parameters<typeof insertRun>[2], pipelineId = active) =>
    insertRun(db, pipelineId, { local_hour: hour++ as LocalHour, not_before: ago(1), ...columns })
  await run({ due_at: ago(600) })
  await run({ due_at: ago(900), state: 'retried', not_before: ahead })
  await run({ due_at: ago(300), state: 'running', worker_id: 'w', lease_until: ahead })
  await run({ due_at: ago(86_400), backfill: true })
  await run({ due_at: ago(7200), state: 'succeeded' })
  await run({ due_at: ago(7200), state: 'failed' })
  await run({ due_at: ago(7200), state: 'timed_out' })
  await run({ due_at: ago(7200), state: 'canceled' })
  await run({ due_at: ago(9999) }, held)
  await run({ due_at: ago(9999) }, stopped)
  expect(await read()).toEqual({
    runs: { pending: 4, running: 1, retried: 1, failed: 1, timed_out: 1 },
    ...{ runsDue: 2, lagSeconds: 900, pipelinesHeld: 1, notificationsWaiting: 0 },
  })
  // What no scheduler has planned is late too.
  await insertPipeline(db, projectId, { next_local_hour: 1 as LocalHour, next_due_at: ago(1800) })
  expect(await read()).toMatchObject({ lagSeconds: 1800 })
})

test('two processes show the same, and what has changed when they are asked again', async () => {
  const clock = { ms: nowMs, nowMs: () => clock.ms }
  const registries = [new Registry(), new Registry()]
  for (const registry of registries) registerBacklogGauges(registry, clock, read)
  const shown = await Promise.all(registries.map(scrape))
  expect(shown[0]).toEqual(shown[1])
  expect(shown[0]).toMatchObject({
    ...{ 'penstock_runs{state="pending"}': 4, penstock_runs_due: 2, penstock_database_up: 1 },
    penstock_folder_lag_seconds: 1800,
  })
  await database.db.deleteFrom('run').where('state', '=', 'pending').execute()
  clock.ms += 6000
  expect(await scrape(registries[0] as Registry)).toMatchObject({ 'penstock_runs{state="pending"}': 0 })
})

test('a database that is away or hangs takes its gauges with it and holds up no scrape; many scrapes ask once', async () => {
  const clock = { ms: nowMs, nowMs: () => clock.ms }
  const asked: PromiseWithResolvers<Awaited<ReturnType<typeof read>>>[] = []
  const registry = new Registry()
  registerBacklogGauges(registry, clock, () => {
    const answer = Promise.withResolvers<Awaited<ReturnType<typeof read>>>()
    asked.push(answer)
    return answer.promise
  })
  expect(await Promise.all([scrape(registry), scrape(registry)])).toEqual([
    { penstock_database_up: 0 },
    { penstock_database_up: 0 },
  ])
  expect(asked).toHaveLength(1)
  asked[0]?.resolve(await read())
  await asked[0]?.promise
  expect(await scrape(registry)).toMatchObject({ penstock_database_up: 1, penstock_runs_due: 0 })
  clock.ms += 16_000
  const scraping = scrape(registry)
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.reject(new Error('the database is away'))
  expect(await scraping).toEqual({ penstock_database_up: 0 })
})

test('a long history costs nothing: runs are found by indexes alone', async () => {
  const { db, pool } = connectDatabase(database.url, { applicationName: 'penstock test', connectionsMax: 1 })
  const pipelineId = await insertPipeline(db, await insertProject(db))
  await pool.query(
    `insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at)
     select $1, hour, 1, 'export', false, 'succeeded', now(), now(), now() from generate_series(1, 20000) hour`,
    [pipelineId],
  )
  await pool.query('analyze run')
  const scans = async () => {
    await pool.query('select pg_stat_force_next_flush()')
    const { rows } = await pool.query(
      "select seq_scan::integer as whole, idx_scan::integer as indexed from pg_stat_user_tables where relname = 'run'",
    )
    return rows[0] as { whole: number; indexed: number }
  }
  const before = await scans()
  await readBacklog(db, { nowMs, timeoutMs: 10_000 })
  const after = await scans()
  expect(after.whole).toBe(before.whole)
  expect(after.indexed).toBeGreaterThan(before.indexed)
  await pool.end()
})
