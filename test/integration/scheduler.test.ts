import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Jobs, startJobs } from '../../src/control/jobs/jobs.ts'
import type { RunNudges } from '../../src/control/jobs/run-jobs.ts'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { claimRun } from '../../src/control/runs/claim-run.ts'
import { succeedRun } from '../../src/control/runs/finish-run.ts'
import type { Looking } from '../../src/workflows/look-at-interval.ts'
import { startScheduler } from '../../src/workflows/scheduler.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'
import { silentLog } from '../support/silent-log.ts'

const hourMs = 3_600_000
/** Far longer than a test: looks happen when the test says so. */
const never = {
  ...{ intervalMs: 600_000_000, attemptsMax: 20, log: silentLog },
  ...{ store: { newerThan: async () => [] }, syncIntervalMs: hourMs, syncDaysMax: 10 },
}

let server: PipelineServer
let jobs: Jobs
let scheduler: Looking | undefined

beforeAll(async () => {
  server = await startPipelineServer(0)
  jobs = await startJobs({ databaseUrl: server.database.url, log: silentLog })
})
afterEach(async () => {
  await scheduler?.stop()
  await server.database.db.deleteFrom('pipeline').execute()
  server.nudged.length = 0
})
afterAll(async () => {
  await jobs.stop({ deadlineMs: 100 })
  await server.close()
})

const nudges: RunNudges = {
  enqueue: async (tx, added) => {
    server.nudged.push(...added)
    await jobs.enqueue(tx, added)
  },
}

function start(): Looking {
  scheduler = startScheduler({ ...never, db: server.database.db, jobs: nudges, clock: server.clock })
  return scheduler
}

async function create(project: CreatedProject, changes: Record<string, string>): Promise<void> {
  const answer = await server.call(project.apiSecret, 'create', { ...fineRequest, ...changes })
  expect(answer.json).toHaveProperty('pipeline_names')
}

/** The folders of a project's pipelines that have a run, as `2024-03-09T02` or `2024-03-09`, in the order of their ids. */
async function folders(project: CreatedProject): Promise<string[]> {
  const rows = await server.database.db
    .selectFrom('run')
    .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
    .select(['run.local_hour', 'run.hours'])
    .where('pipeline.project_id', '=', project.projectId)
    .orderBy('run.id')
    .execute()
  return rows.map((row) =>
    new Date(row.local_hour * hourMs).toISOString().slice(0, row.hours === 24 ? 10 : 13),
  )
}

test('a week over a change of the clocks: every day and every hour that there is, each when it is due', async () => {
  const project = await server.project('America/Los_Angeles')
  server.clock.ms = Date.parse('2024-03-07T19:30:00Z')
  await create(project, { from_date: '2024-03-07', s3_prefix: 'daily' })
  await create(project, { from_date: '2024-03-07', s3_prefix: 'hourly', frequency: 'hourly' })
  const look = start()
  const untimely: string[] = []
  for (let tick = 0; tick < 7 * 24; tick++) {
    server.clock.ms += hourMs
    await look.tick()
    const { rows } = await server.database.pool.query(
      'select count(*)::int as untimely from run where due_at > $1 or due_at < $2 and created_at = $1',
      [new Date(server.clock.ms), new Date(server.clock.ms - hourMs)],
    )
    if (rows[0].untimely > 0) untimely.push(new Date(server.clock.ms).toISOString())
  }
  expect(untimely).toEqual([])
  const made = await folders(project)
  const days = made.filter((folder) => folder.length === 10)
  expect(days).toEqual(Array.from({ length: 7 }, (_, day) => `2024-03-${String(7 + day).padStart(2, '0')}`))
  const hours = made.filter((folder) => folder.length === 13)
  expect(new Set(hours).size).toBe(hours.length)
  expect(hours).toEqual([...hours].sort())
  expect(hours).not.toContain('2024-03-10T02')
  expect(hours.filter((hour) => hour.startsWith('2024-03-10'))).toHaveLength(23)
  expect(hours.filter((hour) => hour.startsWith('2024-03-11'))).toHaveLength(24)
})

test('what came due while nothing ran is made up at the first look, oldest first, and before backfills', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-01T12:00:00Z')
  await create(project, { from_date: '2024-02-28' })
  const backfill = server.nudged.splice(0)
  await jobs.enqueue(server.database.db, backfill)
  server.clock.ms = Date.parse('2024-03-09T00:30:00Z')
  await start().tick()
  expect((await folders(project)).slice(2)).toEqual([
    ...Array.from({ length: 8 }, (_, day) => `2024-03-0${1 + day}`),
  ])
  const priorities = server.nudged.map((nudge) => nudge.priority)
  expect(priorities).toHaveLength(8)
  expect(priorities).toEqual([...priorities].sort((left, right) => right - left))
  expect(Math.min(...priorities)).toBeGreaterThan(Math.max(...backfill.map((nudge) => nudge.priority)))
})

test('a clock that is set back plans nothing twice, and loses nothing', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-03T12:00:00Z')
  await create(project, { from_date: '2024-03-01' })
  const look = start()
  for (const moment of [
    '2024-03-05T12:00:00Z',
    '2024-03-02T00:00:00Z',
    '2024-03-04T00:30:00Z',
    '2024-03-06T12:00:00Z',
  ]) {
    server.clock.ms = Date.parse(moment)
    await look.tick()
  }
  expect(await folders(project)).toEqual([
    '2024-03-01',
    '2024-03-02',
    '2024-03-03',
    '2024-03-04',
    '2024-03-05',
  ])
})

test('processes that look at the same moment make each run once', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-01T12:00:00Z')
  await create(project, { from_date: '2024-03-01', frequency: 'hourly' })
  server.clock.ms += 24 * hourMs
  const look = start()
  await Promise.all(Array.from({ length: 6 }, () => look.tick()))
  const made = await folders(project)
  expect(made).toHaveLength(35)
  expect(new Set(made).size).toBe(35)
})

test('after to_date a pipeline plans nothing more', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-01T12:00:00Z')
  await create(project, { from_date: '2024-02-28', to_date: '2024-03-02' })
  server.clock.ms = Date.parse('2024-06-01T12:00:00Z')
  await start().tick()
  expect(await folders(project)).toEqual(['2024-02-28', '2024-02-29', '2024-03-01', '2024-03-02'])
})

test('from_date and to_date may be a leap day, and a date that the zone skipped', async () => {
  const leaping = await server.project()
  server.clock.ms = Date.parse('2024-03-05T12:00:00Z')
  await create(leaping, { from_date: '2024-02-29', to_date: '2024-02-29' })
  await create(leaping, { from_date: '2024-02-29', frequency: 'hourly', s3_prefix: 'hourly' })
  const leapt = await folders(leaping)
  expect(leapt[0]).toBe('2024-02-29')
  expect(leapt.filter((folder) => folder.startsWith('2024-02-29T'))).toHaveLength(24)

  // Samoa went over the date line: after 2011-12-29 came 2011-12-31.
  server.clock.ms = Date.parse('2012-01-02T12:00:00Z')
  const samoan = await server.project('Pacific/Apia')
  await create(samoan, { from_date: '2011-12-30', s3_prefix: 'daily' })
  await create(samoan, { from_date: '2011-12-29', to_date: '2011-12-30', s3_prefix: 'dated' })
  await create(samoan, { from_date: '2011-12-30', frequency: 'hourly', s3_prefix: 'hourly' })
  await start().tick()
  const made = await folders(samoan)
  expect(made.filter((folder) => folder.length === 10)).toEqual([
    ...['2011-12-31', '2012-01-01', '2012-01-02'],
    '2011-12-29',
  ])
  const hours = made.filter((folder) => folder.length === 13)
  expect(hours.slice(0, 2)).toEqual(['2011-12-31T00', '2011-12-31T01'])
  // The one with a to_date is over, though its last day never was.
  const { rows } = await server.database.pool.query(
    "select next_due_at from pipeline where s3_prefix = 'dated' and from_date = '2011-12-29'",
  )
  expect(rows).toEqual([{ next_due_at: null }])
})

test('a paused pipeline plans nothing; resumed, it makes up for what it missed', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-01T12:00:00Z')
  await create(project, { from_date: '2024-03-01' })
  await server.call(project.apiSecret, 'pause', { name: 'events-daily-s3-raw' })
  server.clock.ms = Date.parse('2024-03-04T12:00:00Z')
  const look = start()
  await look.tick()
  expect(await folders(project)).toEqual([])
  await server.call(project.apiSecret, 'resume', { name: 'events-daily-s3-raw' })
  await look.tick()
  expect(await folders(project)).toEqual(['2024-03-01', '2024-03-02', '2024-03-03'])
})

test('a backfill of half a year of hours is made with the pipeline, in one go', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-08-31T00:00:00Z')
  await create(project, { from_date: '2024-02-29', frequency: 'hourly' })
  expect(await folders(project)).toHaveLength(184 * 24 - 1)
  expect(server.nudged).toHaveLength(184 * 24 - 1)
})

test('a run that was planned too early by a wrong clock is not begun before its time', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-01T12:00:00Z')
  await create(project, { from_date: '2024-03-01' })
  server.clock.ms = Date.parse('2024-03-02T12:00:00Z')
  await start().tick()
  const runId = server.nudged.at(-1)?.runId
  if (runId === undefined) throw new Error('nothing planned')
  const claim = (moment: string) =>
    claimRun(server.database.db, { runId, workerId: 'w', leaseMs: 1000, nowMs: Date.parse(moment) })
  expect(await claim('2024-03-01T12:00:00Z')).toBeUndefined()
  const hold = await claim('2024-03-02T00:30:00Z')
  if (hold === undefined) throw new Error('not claimed')
  expect(await succeedRun(server.database.db, hold, { files: 0, events: 0, bytes: 0, nowMs: 0 })).toBe(true)
})

test('looks at an interval plan by themselves, and stop', async () => {
  const project = await server.project()
  server.clock.ms = Date.parse('2024-03-01T12:00:00Z')
  await create(project, { from_date: '2024-03-01' })
  scheduler = startScheduler({
    ...never,
    intervalMs: 20,
    db: server.database.db,
    jobs: nudges,
    clock: server.clock,
  })
  server.clock.ms = Date.parse('2024-03-02T00:30:00Z')
  await expect.poll(() => folders(project), { timeout: 10_000 }).toEqual(['2024-03-01'])
  await scheduler.stop()
  server.clock.ms = Date.parse('2024-03-03T00:30:00Z')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await folders(project)).toEqual(['2024-03-01'])
})
