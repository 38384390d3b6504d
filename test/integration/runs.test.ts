import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Jobs, startJobs } from '../../src/control/jobs/jobs.ts'
import type { RunNudge, RunNudges } from '../../src/control/jobs/run-jobs.ts'
import { cancelPipeline, pausePipeline, resumePipeline } from '../../src/control/pipelines/change-pipeline.ts'
import { type ClaimedRun, claimRun } from '../../src/control/runs/claim-run.ts'
import { refuseRun, succeedRun, timeOutRun } from '../../src/control/runs/finish-run.ts'
import { findProjectsAtBound } from '../../src/control/runs/projects-at-bound.ts'
import { recoverLostRuns } from '../../src/control/runs/recover-lost-runs.ts'
import { renewLease } from '../../src/control/runs/renew-lease.ts'
import { handBackRun, retryRun } from '../../src/control/runs/retry-run.ts'
import { pinContents, type RunContents } from '../../src/control/runs/run-contents.ts'
import type { CommitNumber, LocalHour, PipelineId, ProjectId, RunId } from '../../src/ids.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { silentLog } from '../support/silent-log.ts'

const leaseMs = 30_000
const startMs = Date.parse('2024-03-01T12:00:00Z')
const error = { code: 'S3_SLOW_DOWN', message: 'the bucket asks for patience' }
const refusal = { code: 'S3_ACCESS_DENIED', message: 'role export may not s3:PutObject; add it' }

let database: TestDatabase
let realJobs: Jobs
let project: ProjectId
let pipeline: PipelineId
let run: RunId
let nudged: RunNudge[]
const jobs: RunNudges = {
  enqueue: async (_tx, nudges) => {
    nudged.push(...nudges)
  },
}

beforeAll(async () => {
  database = await createTestDatabase()
  realJobs = await startJobs({ databaseUrl: database.url, log: silentLog })
})
afterAll(async () => {
  await realJobs.stop({ deadlineMs: 1000 })
  await database.drop()
})
beforeEach(async () => {
  await database.db.deleteFrom('pipeline').execute()
  project = await insertProject(database.db)
  pipeline = await insertPipeline(database.db, project)
  run = await insertRun(database.db, pipeline)
  nudged = []
})

const contentsAt = (commit: number): RunContents => ({
  snapshot: commit as CommitNumber,
  events: ['signup'],
  where: null,
  partSizeBytes: 2048,
  fileSizeBytes: 4096,
})

const claim = (workerId: string, nowMs = startMs, runId = run) =>
  claimRun(database.db, { runId, workerId, leaseMs, nowMs })

async function claimed(workerId: string, nowMs = startMs, runId = run): Promise<ClaimedRun> {
  const hold = await claim(workerId, nowMs, runId)
  if (hold === undefined) throw new Error('not claimed')
  return hold
}

const recover = async (nowMs: number, attemptsMax = 20) => {
  const options = { nowMs, attemptsMax, runsMax: 100, after: 0 as const }
  const { lost, nudged } = await recoverLostRuns(database.db, jobs, options)
  return { lost, nudged }
}

const pipelineRow = () =>
  database.db.selectFrom('pipeline').selectAll().where('id', '=', pipeline).executeTakeFirstOrThrow()

const named = async () => ({ projectId: project, name: (await pipelineRow()).name })

test('of many workers that claim a run at once, one gets it', async () => {
  const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(`worker ${index}`)))
  const won = claims.filter((hold) => hold !== undefined)
  expect(won).toHaveLength(1)
  expect(await readRun(database.db, run)).toMatchObject({ state: 'running', worker_id: won[0]?.workerId })
})

test('a claim brings all that exporting the folder needs', async () => {
  const hold = await claimed('a')
  expect(hold).toMatchObject({
    runId: run,
    workerId: 'a',
    attempt: 1,
    project: { id: project, timeZone: 'UTC' },
    pipeline: {
      id: pipeline,
      events: null,
      destination: {
        bucket: 'acme-raw',
        region: 'us-west-2',
        prefix: null,
        encryption: 'none',
        kmsKeyId: null,
      },
    },
    folder: { localHour: 473_352, hours: 24 },
    snapshotCommit: null,
    contents: undefined,
  })
})

test("a crashed worker's run is claimed once, after its lease ends", async () => {
  await claimed('crashed')
  expect(await claim('early', startMs + leaseMs)).toBeUndefined()
  const late = await Promise.all(['b', 'c', 'd'].map((worker) => claim(worker, startMs + leaseMs + 1)))
  expect(late.filter((hold) => hold !== undefined)).toHaveLength(1)
})

test('a worker whose run was taken over changes nothing any more, whatever it tries', async () => {
  const zombie = await claimed('zombie')
  const holder = await claimed('zombie', startMs + leaseMs + 1)
  const before = await readRun(database.db, run)
  const nowMs = startMs + leaseMs + 2
  expect(await renewLease(database.db, { ...zombie, leaseMs, nowMs })).toBe('lost')
  expect(await pinContents(database.db, zombie, contentsAt(7))).toBe(false)
  expect(await succeedRun(database.db, zombie, { files: 1, events: 1, bytes: 1, nowMs })).toBe(false)
  expect(await retryRun(database.db, jobs, zombie, { error, delayMs: 1, attemptsMax: 9, nowMs })).toBe(false)
  expect(await refuseRun(database.db, zombie, { error, refusalsMax: 1, nowMs })).toBe(false)
  expect(await timeOutRun(database.db, zombie, { error, nowMs })).toBe(false)
  expect(await handBackRun(database.db, jobs, zombie, { nowMs })).toBe(false)
  expect(await readRun(database.db, run)).toEqual(before)
  expect(await pipelineRow()).toMatchObject({ state: 'active', refusals: 0 })
  expect(await renewLease(database.db, { ...holder, leaseMs, nowMs })).toBe('held')
})

test('a renewed lease keeps the run from recovery', async () => {
  const hold = await claimed('a')
  expect(await renewLease(database.db, { ...hold, leaseMs, nowMs: startMs + 20_000 })).toBe('held')
  expect(await recover(startMs + 40_000)).toEqual({ lost: 0, nudged: 0 })
})

test('a run whose worker fell silent is retried and nudged, by one of many that look', async () => {
  await claimed('crashed')
  const looks = await Promise.all([1, 2, 3].map(() => recover(startMs + leaseMs + 1)))
  expect(looks.map((look) => look.lost).sort()).toEqual([0, 0, 1])
  expect(await readRun(database.db, run)).toMatchObject({ state: 'retried', worker_id: null, failures: 1 })
  expect(nudged.map((nudge) => nudge.runId)).toContain(run)
  expect(await claim('next', startMs + leaseMs + 1)).toMatchObject({ attempt: 2 })
})

test('a run that kills every worker has failed after the attempts that are allowed', async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const nowMs = startMs + attempt * 100_000
    await claimed(`victim ${attempt}`, nowMs)
    await recover(nowMs + leaseMs + 1, 3)
  }
  expect(await readRun(database.db, run)).toMatchObject({ state: 'failed', error_code: 'RUN_LEASE_LOST' })
  expect(await claim('next', startMs + 9_000_000)).toBeUndefined()
})

test('a run that failed outside waits, is nudged after the wait, and has failed after its last attempt', async () => {
  const first = await claimed('a')
  await retryRun(database.db, jobs, first, { error, delayMs: 5000, attemptsMax: 2, nowMs: startMs })
  expect(await readRun(database.db, run)).toMatchObject({ state: 'retried', error_code: error.code })
  expect(nudged).toMatchObject([{ runId: run, delayMs: 5000, projectId: project }])
  expect(await claim('b', startMs + 4999)).toBeUndefined()
  const second = await claimed('b', startMs + 5000)
  await retryRun(database.db, jobs, second, { error, delayMs: 5000, attemptsMax: 2, nowMs: startMs + 6000 })
  expect(await readRun(database.db, run)).toMatchObject({ state: 'failed', error_message: error.message })
})

test('a snapshot is pinned once, and a later attempt gets the same', async () => {
  const first = await claimed('a')
  expect(await pinContents(database.db, first, contentsAt(41))).toBe(true)
  expect(await pinContents(database.db, first, contentsAt(42))).toBe(true)
  await retryRun(database.db, jobs, first, { error, delayMs: 0, attemptsMax: 9, nowMs: startMs })
  expect(await claimed('b')).toMatchObject({ snapshotCommit: 41, contents: contentsAt(41) })
})

test('the refusals in a row that the settings allow pause the pipeline, with the reason', async () => {
  const second = await insertRun(database.db, pipeline, { local_hour: 473_376 as LocalHour })
  const third = await insertRun(database.db, pipeline, { local_hour: 473_400 as LocalHour })
  const refuse = async (runId: RunId) =>
    refuseRun(database.db, await claimed('a', startMs, runId), {
      error: refusal,
      refusalsMax: 2,
      nowMs: startMs,
    })
  await refuse(run)
  expect(await pipelineRow()).toMatchObject({ state: 'active', refusals: 1 })
  await refuse(second)
  expect(await pipelineRow()).toMatchObject({ state: 'paused', refusals: 2 })
  expect((await pipelineRow()).pause_reason).toContain(refusal.message)
  expect(await claim('a', startMs, third)).toBeUndefined()
})

test('a success between refusals counts them anew', async () => {
  const second = await insertRun(database.db, pipeline, { local_hour: 473_376 as LocalHour })
  await refuseRun(database.db, await claimed('a'), { error: refusal, refusalsMax: 2, nowMs: startMs })
  const good = await claimed('a', startMs, second)
  await succeedRun(database.db, good, { files: 2, events: 30, bytes: 400, nowMs: startMs })
  expect(await pipelineRow()).toMatchObject({ state: 'active', refusals: 0 })
  expect(await readRun(database.db, second)).toMatchObject({
    state: 'succeeded',
    files: 2,
    events: 30,
    bytes: 400,
  })
})

test('pausing tells the worker to stop; what it hands back goes on after resuming, with a fresh snapshot', async () => {
  const hold = await claimed('a')
  await pinContents(database.db, hold, contentsAt(5))
  await pausePipeline(database.db, await named())
  await pausePipeline(database.db, await named())
  expect(await renewLease(database.db, { ...hold, leaseMs, nowMs: startMs })).toBe('stop')
  expect(await handBackRun(database.db, jobs, hold, { nowMs: startMs })).toBe(true)
  expect(nudged).toEqual([])
  expect(await claim('b')).toBeUndefined()
  await resumePipeline(database.db, jobs, await named(), { nowMs: startMs })
  expect(nudged).toMatchObject([{ runId: run }])
  expect(await claim('b')).toMatchObject({
    attempt: 2,
    snapshotCommit: null,
    contents: undefined,
  })
})

test('resuming requeues what failed or timed out and leaves what succeeded', async () => {
  const ids = new Map<string, RunId>()
  for (const [index, state] of (
    ['failed', 'timed_out', 'retried', 'succeeded', 'canceled'] as const
  ).entries()) {
    const hour = (473_400 + index * 24) as LocalHour
    ids.set(
      state,
      await insertRun(database.db, pipeline, { local_hour: hour, state, error_code: 'X', failures: 3 }),
    )
  }
  await resumePipeline(database.db, jobs, await named(), { nowMs: startMs })
  for (const [state, id] of ids) {
    const row = await readRun(database.db, id)
    const requeued = ['failed', 'timed_out', 'retried'].includes(state)
    expect(row.state).toBe(requeued ? 'pending' : state)
    expect(row.failures).toBe(requeued ? 0 : 3)
  }
  expect(nudged.map((nudge) => nudge.runId).sort()).toEqual(
    [run, ids.get('failed'), ids.get('timed_out'), ids.get('retried')].sort(),
  )
})

test('while the worker of a canceled run has not let go, nobody else gets that folder', async () => {
  const hold = await claimed('slow')
  await cancelPipeline(database.db, await named(), { nowMs: startMs })
  const successor = await insertPipeline(database.db, project)
  const sameFolder = await insertRun(database.db, successor)
  expect(await readRun(database.db, run)).toMatchObject({ state: 'canceled', worker_id: 'slow' })
  expect(await renewLease(database.db, { ...hold, leaseMs, nowMs: startMs + 1 })).toBe('stop')
  expect(await claim('b', startMs + 1, sameFolder)).toBeUndefined()
  expect(await handBackRun(database.db, jobs, hold, { nowMs: startMs + 2 })).toBe(true)
  expect(await readRun(database.db, run)).toMatchObject({ state: 'canceled', worker_id: null })
  expect(await claim('b', startMs + 2, sameFolder)).toMatchObject({ attempt: 1 })
})

test('the folder of a canceled run whose worker died is free after the lease', async () => {
  await claimed('dead')
  await cancelPipeline(database.db, await named(), { nowMs: startMs })
  const sameFolder = await insertRun(database.db, await insertPipeline(database.db, project))
  expect(await claim('b', startMs + leaseMs, sameFolder)).toBeUndefined()
  expect(await claim('b', startMs + leaseMs + 1, sameFolder)).toBeDefined()
  await recover(startMs + leaseMs + 1)
  expect(await readRun(database.db, run)).toMatchObject({ state: 'canceled', lease_until: null })
})

test('a canceled pipeline is unknown to every further command', async () => {
  const which = await named()
  await cancelPipeline(database.db, which, { nowMs: startMs })
  await expect(pausePipeline(database.db, which)).rejects.toThrow('is not a pipeline of this project')
  await expect(resumePipeline(database.db, jobs, which, { nowMs: startMs })).rejects.toThrow(
    'is not a pipeline',
  )
  await expect(cancelPipeline(database.db, which, { nowMs: startMs })).rejects.toThrow('is not a pipeline')
})

test('a due run without a job is nudged again; one that waits in the queue or for its time is not', async () => {
  const queued = await insertRun(database.db, pipeline, { local_hour: 473_376 as LocalHour })
  const later = await insertRun(database.db, pipeline, {
    local_hour: 473_400 as LocalHour,
    state: 'retried',
    not_before: new Date(startMs + 1),
  })
  await realJobs.enqueue(database.db, [{ runId: queued, projectId: project, priority: 0, delayMs: 0 }])
  expect(await recover(startMs)).toEqual({ lost: 0, nudged: 1 })
  expect(nudged.map((nudge) => nudge.runId)).toEqual([run])
  nudged = []
  await recover(startMs + 1)
  expect(nudged.map((nudge) => nudge.runId)).toEqual([run, later])
})

test('a look goes over a bounded number of waiting runs and finds a bounded number; the next goes on', async () => {
  await sql`
    insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at)
    select ${pipeline}, hour, 24, 'export', true, 'pending', ${new Date(startMs)}, ${new Date(startMs)}, ${new Date(startMs)}
    from generate_series(100001, 102005) as hour`.execute(database.db)
  const look = (runsMax: number, after: RunId | 0) =>
    recoverLostRuns(database.db, jobs, { nowMs: startMs, attemptsMax: 20, runsMax, after })
  const first = await look(700, 0)
  const second = await look(5000, first.lookedUpTo)
  expect([first.nudged, second.nudged, second.lookedUpTo]).toEqual([700, 1306, 0])
  const whole = await look(5000, 0)
  const rest = await look(5000, whole.lookedUpTo)
  expect([whole.nudged, rest.nudged, rest.lookedUpTo]).toEqual([2000, 6, 0])
  expect(new Set(nudged.map((nudge) => nudge.runId)).size).toBe(2006)
})

test('of one project, all workers together hold no more runs than the bound says, and others are not kept', async () => {
  const bound = { leaseMs, nowMs: startMs, projectRunsMax: 2 }
  const more = await Promise.all(
    [1, 2, 3, 4].map((day) =>
      insertRun(database.db, pipeline, { local_hour: (473_352 + 24 * day) as LocalHour }),
    ),
  )
  const claims = await Promise.all(
    [run, ...more].map((runId, worker) =>
      claimRun(database.db, { ...bound, runId, workerId: `worker ${worker}` }),
    ),
  )
  expect(claims.filter((hold) => hold !== undefined)).toHaveLength(2)
  expect(await findProjectsAtBound(database.db, bound)).toEqual([project])
  const others = await insertPipeline(database.db, await insertProject(database.db))
  const free = await insertRun(database.db, others)
  expect(await claimRun(database.db, { ...bound, runId: free, workerId: 'other' })).toMatchObject({
    runId: free,
  })
  // A lease that has run out holds no place.
  const later = { ...bound, nowMs: startMs + leaseMs + 1 }
  expect(await findProjectsAtBound(database.db, later)).toEqual([])
  const waiting = [run, ...more].filter((runId) => claims.every((hold) => hold?.runId !== runId))
  expect(
    await claimRun(database.db, { ...later, runId: waiting[0] as RunId, workerId: 'next' }),
  ).toBeDefined()
})
