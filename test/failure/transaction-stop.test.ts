/**
 * A scheduler, and an API that changes a pipeline, are stopped (not ended) in the middle of a transaction, and wake when
 * another one has done the same: what they had begun counts for nothing, and nothing comes twice.
 *
 * Two schedulers and two APIs on one PostgreSQL. For each step:
 * 1. The table that the step changes is held, so that the first process waits there with its statement, and is stopped. Then
 *    the statement is let through: its transaction rests, until PostgreSQL ends it.
 * 2. The second process does the work.
 * 3. The first one goes on, and is told that its transaction is over.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import type { LocalHour, PipelineId, ProjectId } from '../../src/ids.ts'
import { insertDelivered, insertMembers } from '../support/folder-rows.ts'
import { endResting, holdTable } from '../support/held-table.ts'
import { type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'

const hourMs = 3_600_000
/** Of a day that is over and due wherever one is. */
const firstHour = (Math.floor(Date.now() / (24 * hourMs)) * 24 - 96) as LocalHour
const dateOf = (hour: number) => new Date(hour * hourMs).toISOString().slice(0, 10)

let stage: ServingPlace
let schedulers: [RunningPenstock, RunningPenstock]
let apis: [RunningPenstock, RunningPenstock]
beforeAll(async () => {
  stage = await openServingPlace('transaction-stop', {
    PENSTOCK_LOG_LEVEL: 'warn',
    PENSTOCK_THREADS: '1',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
  })
  const start = (name: string, role: 'api' | 'scheduler') =>
    startPenstock(
      {
        ...stage.env,
        PENSTOCK_DATA_DIR: `${stage.folder}/${name}`,
        ...(role === 'scheduler' ? { PENSTOCK_METRICS_PORT: '0' } : {}),
      },
      ['--roles', role],
    )
  const [one, two, three, four] = await Promise.all([
    start('one', 'scheduler'),
    start('two', 'scheduler'),
    start('three', 'api'),
    start('four', 'api'),
  ])
  schedulers = [one, two]
  apis = [three, four]
})
afterEach(async () => {
  await stage.database.db.deleteFrom('project').execute()
})
afterAll(async () => {
  for (const server of [...(schedulers ?? []), ...(apis ?? [])]) await server.kill('SIGKILL')
  await stage?.close()
})

/** What a scheduler is to do, and the runs that are there when it has done it. */
interface Work {
  arrange(): Promise<PipelineId>
  runs: { kind: 'export' | 'sync'; local_hour: number; failures: number; snapshot_commit: number | null }[]
}

const onePlanned = { kind: 'export', local_hour: firstHour, failures: 0, snapshot_commit: null } as const

const due: Work = {
  arrange: async () =>
    await insertPipeline(stage.database.db, await insertProject(stage.database.db), {
      ...{ sync: false, next_local_hour: firstHour, next_due_at: new Date((firstHour + 25) * hourMs) },
      to_date: dateOf(firstHour + 24),
    }),
  runs: [onePlanned, { ...onePlanned, local_hour: firstHour + 24 }],
}

const lost: Work = {
  arrange: async () => {
    const { db } = stage.database
    const pipelineId = await insertPipeline(db, await insertProject(db), { sync: false })
    const held = { state: 'running', attempt: 1, worker_id: 'gone', lease_until: new Date(0) }
    await insertRun(db, pipelineId, { local_hour: firstHour, started_at: new Date(0), ...held })
    return pipelineId
  },
  runs: [{ ...onePlanned, failures: 1 }],
}

/** A folder that is finished, with everything up to commit 3. */
async function arrangeFolder(sync: boolean): Promise<{ projectId: ProjectId; pipelineId: PipelineId }> {
  const { db } = stage.database
  const projectId = await insertProject(db)
  const pipelineId = await insertPipeline(db, projectId, { sync })
  const folder = { first: firstHour, count: 1, hours: 24, events: 1, seen: 3 } as const
  await insertDelivered(db, pipelineId, { ...folder, exportedAt: new Date(0).toISOString() })
  return { projectId, pipelineId }
}

const grown: Work = {
  arrange: async () => {
    const { projectId, pipelineId } = await arrangeFolder(true)
    const members = { first: firstHour, count: 1, events: 1 }
    await insertMembers(stage.database.db, projectId, 1000 + projectId, members)
    return pipelineId
  },
  runs: [{ ...onePlanned, kind: 'sync' }],
}

const brokenOff: Work = {
  arrange: async () => {
    const { pipelineId } = await arrangeFolder(false)
    await stage.database.db
      .updateTable('folder')
      .set({ look_at: new Date(0) })
      .execute()
    return pipelineId
  },
  runs: [{ ...onePlanned, kind: 'sync', snapshot_commit: 3 }],
}

test.each<[string, Work, string, string]>([
  ['before due runs are there', due, 'run', 'insert into run '],
  ['before the workers are told of them', due, 'pgboss.job', 'insert into pgboss.'],
  ['before it is noted that they are planned', due, 'pipeline', 'update "pipeline"'],
  ['before a lost run is brought back', lost, 'run', 'update run'],
  ['before its look for late events is noted', grown, 'pipeline', 'update "pipeline"'],
  ['before syncs are there', grown, 'run', 'delete from "run"'],
  ['before a second look is there', brokenOff, 'run', 'delete from "run"'],
])('a scheduler is stopped %s', { timeout: 120_000 }, async (_step, { arrange, runs }, table, statement) => {
  const [first, second] = schedulers
  await stopBetweenLooks()
  const pipelineId = await arrange()
  const held = await holdTable(stage.database.pool, table)
  const logged = first.log().length
  process.kill(first.pid, 'SIGCONT')
  const resting = await held.waited(statement).finally(() => process.kill(first.pid, 'SIGSTOP'))
  await held.release()
  await endResting(stage.database.pool, resting)
  process.kill(second.pid, 'SIGCONT')
  await expect.poll(() => jobsOf(pipelineId), { timeout: 30_000 }).toBe(runs.length)
  expect(await runsOf(pipelineId, runs[0]?.kind)).toEqual(runs)
  process.kill(first.pid, 'SIGCONT')
  // It has begun something that it can't end.
  await expect.poll(() => first.log().slice(logged), { timeout: 30_000 }).toMatch(/next look|tried again/)
  // Time for some of its looks.
  await sleep(500)
  expect(await runsOf(pipelineId, runs[0]?.kind)).toEqual(runs)
  expect(await jobsOf(pipelineId)).toBe(runs.length)
  const row = stage.database.db.selectFrom('pipeline').select('next_due_at').where('id', '=', pipelineId)
  expect(await row.executeTakeFirst()).toEqual({ next_due_at: null })
})

/**
 * Both schedulers, none of which holds locks, and each at the end of a look, whose last transaction changes nothing: in the
 * middle of one they would go on with a later step than the one that is looked for.
 */
async function stopBetweenLooks(): Promise<void> {
  const isBetween = async (): Promise<boolean> => {
    const { rows } = await stage.database.pool.query<{ state: string; query: string }>(
      `select state, query from pg_stat_activity
      where datname = current_database() and application_name = 'penstock' order by state_change desc`,
    )
    // Each does one thing after the other, so these are the latest of both.
    const latest = rows.slice(0, schedulers.length)
    return rows.every(({ state }) => state === 'idle') && latest.every(({ query }) => query === 'commit')
  }
  for (;;) {
    for (const { pid } of schedulers) process.kill(pid, 'SIGSTOP')
    if (await isBetween()) return
    for (const { pid } of schedulers) process.kill(pid, 'SIGCONT')
    await sleep(20)
  }
}

function runsOf(pipelineId: PipelineId, kind: 'export' | 'sync' = 'export') {
  return stage.database.db
    .selectFrom('run')
    .select(['kind', 'local_hour', 'failures', 'snapshot_commit'])
    .where('pipeline_id', '=', pipelineId)
    .where('kind', '=', kind)
    .orderBy('local_hour')
    .execute()
}

/** Jobs of its runs that wait for a worker. */
async function jobsOf(pipelineId: PipelineId): Promise<number> {
  const { rows } = await stage.database.pool.query(
    `select count(*)::integer as count from pgboss.job
    join run on run.id::text = job.singleton_key
    where run.pipeline_id = $1 and job.state = 'created'`,
    [pipelineId],
  )
  return rows[0].count
}

interface Change {
  call: 'pause' | 'resume' | 'cancel'
  before: 'active' | 'paused'
  table: string
  statement: string
  /** What is asked of the other API. */
  other: string[]
  after: { state: string; run: string; jobs: number }
}

const pending = { state: 'active', run: 'pending', jobs: 0 }

test.each<Change>([
  {
    ...{ call: 'pause', before: 'active', table: 'pipeline', statement: 'update "pipeline"' },
    ...{ other: ['pause', 'resume'], after: { ...pending, jobs: 1 } },
  },
  {
    ...{ call: 'resume', before: 'paused', table: 'run', statement: 'update "run"' },
    ...{ other: ['resume'], after: { ...pending, jobs: 1 } },
  },
  {
    ...{ call: 'cancel', before: 'active', table: 'run', statement: 'update "run"' },
    ...{ other: [], after: pending },
  },
])('an API is stopped amid a $call', { timeout: 120_000 }, async (change) => {
  const { db } = stage.database
  const [first, second] = apis
  const { projectId, apiSecret } = await createProject(db, { name: 'changed', timeZone: 'UTC' })
  const pipelineId = await insertPipeline(db, projectId, { name: 'raw', sync: false, state: change.before })
  // Due in a year: no scheduler has anything to do with it.
  const later = new Date(Date.now() + 365 * 24 * hourMs)
  const runId = await insertRun(db, pipelineId, { local_hour: firstHour, not_before: later })
  const stopped = await stopAmid(change, () =>
    pipelinesClient(first.url, apiSecret).call(change.call, { name: 'raw' }),
  )
  for (const call of change.other) {
    const { status } = await pipelinesClient(second.url, apiSecret).call(call, { name: 'raw' })
    expect(status).toBe(200)
  }
  const stateNow = async () => {
    const { state } = await db
      .selectFrom('pipeline')
      .select('state')
      .where('id', '=', pipelineId)
      .executeTakeFirstOrThrow()
    return { state, run: (await readRun(db, runId)).state, jobs: await jobsOf(pipelineId) }
  }
  expect(await stateNow()).toEqual(change.after)
  await stopped.wakeAndFail()
  expect(await stateNow()).toEqual(change.after)
})

test.each([
  { table: 'pipeline', statement: 'insert into "pipeline"' },
  { table: 'run', statement: 'insert into run ' },
  { table: 'pgboss.job', statement: 'insert into pgboss.' },
])('an API is stopped amid a create, before $table is written', { timeout: 120_000 }, async (at) => {
  const { db } = stage.database
  const [first, second] = apis
  const { projectId, apiSecret, token } = await createProject(db, { name: 'new', timeZone: 'UTC' })
  const account = await stage.place.admit(token)
  const request = {
    ...{ type: 's3-raw', from_date: dateOf(firstHour), to_date: dateOf(firstHour + 24) },
    ...{ s3_bucket: account.bucketName, s3_region: account.region, s3_prefix: account.prefix },
    ...{ s3_role: account.role, skip_check: 'true' },
  }
  const stopped = await stopAmid(at, () => pipelinesClient(first.url, apiSecret).call('create', request))
  expect(await pipelinesClient(second.url, apiSecret).create(request)).toBe('events-daily-s3-raw')
  const made = async () => {
    const pipelines = await db
      .selectFrom('pipeline')
      .select(['id', 'name'])
      .where('project_id', '=', projectId)
      .execute()
    const work = pipelines.map(async ({ id, name }) => [name, await runsOf(id), await jobsOf(id)])
    return await Promise.all(work)
  }
  const once = [['events-daily-s3-raw', [onePlanned, { ...onePlanned, local_hour: firstHour + 24 }], 2]]
  expect(await made()).toEqual(once)
  await stopped.wakeAndFail()
  expect(await made()).toEqual(once)
})

test('an API is stopped amid an edit', { timeout: 120_000 }, async () => {
  const { db } = stage.database
  const [first, second] = apis
  const { projectId, apiSecret } = await createProject(db, { name: 'edited', timeZone: 'UTC' })
  await insertPipeline(db, projectId, { name: 'raw', sync: false })
  const edit = (api: RunningPenstock, events: string) =>
    pipelinesClient(api.url, apiSecret).call('edit', { name: 'raw', events, skip_check: 'true' })
  const at = { table: 'pipeline', statement: 'update "pipeline"' }
  const stopped = await stopAmid(at, () => edit(first, 'Signed up'))
  expect((await edit(second, 'Order paid')).status).toBe(200)
  const eventsNow = async () => await db.selectFrom('pipeline').select('events').execute()
  expect(await eventsNow()).toEqual([{ events: ['Order paid'] }])
  await stopped.wakeAndFail()
  expect(await eventsNow()).toEqual([{ events: ['Order paid'] }])
})

/** The first API, stopped in the middle of what it is asked; PostgreSQL has ended what it had begun. */
async function stopAmid(
  { table, statement }: { table: string; statement: string },
  ask: () => Promise<{ status: number }>,
): Promise<{ wakeAndFail(): Promise<void> }> {
  const { pool } = stage.database
  const [{ pid }] = apis
  const held = await holdTable(pool, table)
  const answer = ask()
  const resting = await held.waited(statement)
  process.kill(pid, 'SIGSTOP')
  await held.release()
  await endResting(pool, resting)
  return {
    wakeAndFail: async () => {
      process.kill(pid, 'SIGCONT')
      // Its caller is not told of a success that there was not.
      expect((await answer).status).toBe(503)
    },
  }
}
