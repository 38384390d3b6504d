import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Jobs, startJobs } from '../../src/control/jobs/jobs.ts'
import type { RunNudge } from '../../src/control/jobs/run-jobs.ts'
import { runPriority } from '../../src/control/jobs/run-priority.ts'
import type { ProjectId, RunId } from '../../src/ids.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { silentLog } from '../support/silent-log.ts'

let database: TestDatabase
let jobs: Jobs
let handled: number[]

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  jobs = await startJobs({ databaseUrl: database.url, log: silentLog })
  await database.pool.query("delete from pgboss.job where name = 'export-run'")
  handled = []
})
afterEach(() => jobs.stop({ deadlineMs: 200 }))

const nudge = (runId: number, project = 1, priority = 0, delayMs = 0): RunNudge => ({
  runId: runId as RunId,
  projectId: project as ProjectId,
  priority,
  delayMs,
})

const handle = async (runId: RunId) => {
  handled.push(runId)
}

const untilHandled = (count: number) =>
  vi.waitFor(() => expect(handled).toHaveLength(count), { timeout: 20_000, interval: 20 })

test('a nudge of a transaction that is undone never comes', async () => {
  jobs.workRuns(handle, { concurrency: 2, perProjectMax: 2, pollMs: 50 })
  const undone = database.db.transaction().execute(async (tx) => {
    await jobs.enqueue(tx, [nudge(1)])
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  await database.db.transaction().execute((tx) => jobs.enqueue(tx, [nudge(2)]))
  await untilHandled(1)
  expect(handled).toEqual([2])
})

test('what is due now goes before backfills, and backfills go oldest first and take turns', async () => {
  const backfill = (project: number, from: number) =>
    [0, 1, 2].map((index) => nudge(from + index, project, runPriority('backfill', index)))
  await jobs.enqueue(database.db, backfill(1, 10))
  await jobs.enqueue(database.db, backfill(2, 20))
  await jobs.enqueue(database.db, [
    nudge(30, 3, runPriority('live', 0)),
    nudge(31, 3, runPriority('live', 1)),
  ])
  jobs.workRuns(handle, { concurrency: 1, perProjectMax: 1, pollMs: 50 })
  await untilHandled(8)
  expect(handled).toEqual([30, 31, 10, 20, 11, 21, 12, 22])
})

test('a project with many runs leaves places to the others', async () => {
  const finish = Promise.withResolvers<void>()
  await jobs.enqueue(
    database.db,
    Array.from({ length: 50 }, (_, index) => nudge(100 + index, 1, 1000 - index)),
  )
  jobs.workRuns(
    async (runId) => {
      handled.push(runId)
      await finish.promise
    },
    { concurrency: 3, perProjectMax: 2, pollMs: 50 },
  )
  await untilHandled(2)
  await jobs.enqueue(database.db, [nudge(1, 2)])
  await untilHandled(3)
  expect([...handled].sort()).toEqual([1, 100, 101])
  finish.resolve()
})

test('jobs of a project that has enough runs in other workers wait, and come when it has fewer', async () => {
  let atBound = [1 as ProjectId]
  await jobs.enqueue(database.db, [nudge(100, 1, 1000), nudge(200, 2)])
  const options = { concurrency: 1, perProjectMax: 1, pollMs: 50 }
  jobs.workRuns(handle, { ...options, projectsAtBound: async () => atBound })
  await untilHandled(1)
  expect(handled).toEqual([200])
  atBound = []
  await untilHandled(2)
  expect(handled).toEqual([200, 100])
})

test('a run that is nudged twice before a worker looks has one job', async () => {
  await jobs.enqueue(database.db, [nudge(1), nudge(1)])
  await jobs.enqueue(database.db, [nudge(1), nudge(2)])
  jobs.workRuns(handle, { concurrency: 1, perProjectMax: 1, pollMs: 50 })
  await untilHandled(2)
  expect([...handled].sort()).toEqual([1, 2])
})

test('a handler can nudge its own run again, and the job comes after its wait', async () => {
  const times: number[] = []
  jobs.workRuns(
    async (runId) => {
      times.push(performance.now())
      if (times.length === 1) await jobs.enqueue(database.db, [nudge(runId, 1, 0, 1000)])
      handled.push(runId)
    },
    { concurrency: 1, perProjectMax: 1, pollMs: 50 },
  )
  await jobs.enqueue(database.db, [nudge(5)])
  await untilHandled(2)
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900)
})

test('a handler that throws, or a job that names no run, stops nothing', async () => {
  const runs = [nudge(1), nudge(2)]
  jobs.workRuns(
    async (runId) => {
      if (runId === 1) throw new Error('lost the database')
      handled.push(runId)
    },
    { concurrency: 1, perProjectMax: 1, pollMs: 50 },
  )
  await jobs.enqueue(database.db, [{ ...nudge(0), runId: 'x' as unknown as RunId }, ...runs])
  await untilHandled(1)
  expect(handled).toEqual([2])
})

test('stopping lets a handler finish, and aborts one that does not', async () => {
  const ends: string[] = []
  jobs.workRuns(
    async (runId, signal) => {
      handled.push(runId)
      await new Promise<void>((resolve) => {
        if (runId === 1) setTimeout(resolve, 50)
        signal.addEventListener('abort', () => resolve())
      })
      ends.push(`${runId} ${signal.aborted ? 'aborted' : 'finished'}`)
    },
    { concurrency: 2, perProjectMax: 2, pollMs: 50 },
  )
  await jobs.enqueue(database.db, [nudge(1), nudge(2)])
  await untilHandled(2)
  await jobs.stop({ deadlineMs: 1000 })
  expect(ends).toEqual(['1 finished', '2 aborted'])
})

test('a handler that ignores its signal does not keep the process from ending', async () => {
  jobs.workRuns(
    async (runId) => {
      handled.push(runId)
      await new Promise(() => {})
    },
    { concurrency: 1, perProjectMax: 1, pollMs: 50 },
  )
  await jobs.enqueue(database.db, [nudge(1)])
  await untilHandled(1)
  await jobs.stop({ deadlineMs: 100 })
})

test('half a year of hourly folders is enqueued at once', async () => {
  const nudges = Array.from({ length: 4400 }, (_, index) =>
    nudge(1000 + index, 1, runPriority('backfill', index)),
  )
  await database.db.transaction().execute((tx) => jobs.enqueue(tx, nudges))
  const { rows } = await database.pool.query("select count(*) from pgboss.job where name = 'export-run'")
  expect(Number(rows[0].count)).toBe(4400)
})
