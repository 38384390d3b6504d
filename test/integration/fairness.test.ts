/**
 * One project's backfill of years doesn't keep fifty others waiting. Their delay is counted in runs of the huge one that
 * began after theirs were due and before theirs began, never in seconds: those are only printed.
 *
 * 1. The huge project has five years of days to export, and workers are at it: two places of four are all that it gets.
 * 2. Fifty small projects' days come due. All of them are worked while the huge project's two runs go on.
 * 3. The fifty create pipelines with a backfill of three days each: these go before what is left of the years.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Jobs, startJobs } from '../../src/control/jobs/jobs.ts'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import type { ProjectId, RunId } from '../../src/ids.ts'
import { startScheduler } from '../../src/workflows/scheduler.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'
import { silentLog } from '../support/silent-log.ts'

const perProjectMax = 2
const smallProjects = 50
/** A job that was being taken just when the others' were added. */
const takenMeanwhileMax = 1

let server: PipelineServer
let jobs: Jobs
let huge: CreatedProject
let small: CreatedProject[]
/** The projects of the runs that have begun, in order. */
const begun: ProjectId[] = []
/** When, in milliseconds. */
const begunAtMs: number[] = []
/** The huge project's runs wait for it before they end. */
let gate = Promise.resolve()

beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T12:00:00Z'), {
    backfillMonthsMax: 61,
    datedMax: 2,
  })
  jobs = await startJobs({ databaseUrl: server.database.url, log: silentLog })
  huge = await server.project()
  small = await Promise.all(Array.from({ length: smallProjects }, () => server.project()))
})
afterAll(async () => {
  await jobs?.stop({ deadlineMs: 1000 })
  await server?.close()
})

async function create(project: CreatedProject, form: Record<string, string>): Promise<void> {
  const { json } = await server.call(project.apiSecret, 'create', { ...fineRequest, ...form })
  expect(json).toHaveProperty('pipeline_names')
}

/** What the API and the scheduler had to say to the workers. */
async function enqueueNudges(): Promise<number> {
  const nudges = server.nudged.splice(0)
  await jobs.enqueue(server.database.db, nudges)
  return nudges.length
}

async function lookForDue(): Promise<void> {
  const scheduler = startScheduler({
    ...{
      db: server.database.db,
      clock: server.clock,
      log: silentLog,
      intervalMs: 600_000_000,
      attemptsMax: 20,
    },
    ...{ store: { newerThan: async () => [] }, syncIntervalMs: 3_600_000, syncDaysMax: 10 },
    jobs: { enqueue: async (_tx, added) => void server.nudged.push(...added) },
  })
  // The first look may have been the one that plans, and recovers what has no job yet: one job a run all the same.
  await scheduler.tick()
  await scheduler.stop()
}

async function projectOf(runId: RunId): Promise<ProjectId> {
  const run = await server.database.db
    .selectFrom('run')
    .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
    .select('pipeline.project_id')
    .where('run.id', '=', runId)
    .executeTakeFirstOrThrow()
  return run.project_id
}

async function work(runId: RunId): Promise<void> {
  const projectId = await projectOf(runId)
  begun.push(projectId)
  begunAtMs.push(performance.now())
  if (projectId === huge.projectId) await gate
  await server.database.db.updateTable('run').set({ state: 'succeeded' }).where('id', '=', runId).execute()
}

const isSmall = (projectId: ProjectId) => projectId !== huge.projectId

/** Adds the jobs of so many runs of small projects, and gives how many of the huge one began after that and before them. */
async function hugeRunsBefore(smallRuns: number): Promise<number> {
  const before = begun.length
  const startedMs = performance.now()
  expect(await enqueueNudges()).toBeGreaterThanOrEqual(smallRuns)
  const added = begun.length
  await expect.poll(() => begun.slice(before).filter(isSmall).length, { timeout: 60_000 }).toBe(smallRuns)
  const waitedMs = begunAtMs.slice(before).filter((_, index) => isSmall(begun[before + index] as ProjectId))
  tellWaits(waitedMs.map((atMs) => (atMs - startedMs) / 1000))
  return begun.slice(added, begun.findLastIndex(isSmall)).filter((projectId) => !isSmall(projectId)).length
}

function tellWaits(seconds: number[]): void {
  const sorted = seconds.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(2)
  const most = `${at(0.5)} s in the median, ${at(1)} s at most`
  process.stdout.write(`fairness: ${seconds.length} runs of small projects waited ${most}\n`)
}

test('while years are backfilled, what is due of fifty others is worked at once', {
  timeout: 120_000,
}, async () => {
  await create(huge, { from_date: '2019-03-01', to_date: '2024-02-29' })
  expect(await enqueueNudges()).toBe(5 * 365 + 2)
  for (const project of small) await create(project, { from_date: '2024-03-01' })
  const firstRuns = Promise.withResolvers<void>()
  jobs.workRuns(
    async (runId) => {
      await work(runId)
      if (begun.length >= 30) firstRuns.resolve()
    },
    { concurrency: 4, perProjectMax, pollMs: 20 },
  )
  await firstRuns.promise

  const held = Promise.withResolvers<void>()
  gate = held.promise
  server.clock.ms += 24 * 3_600_000
  await lookForDue()
  // Of the huge project's runs that hold their places, some may begin only now.
  expect(await hugeRunsBefore(smallProjects)).toBeLessThanOrEqual(perProjectMax)
  held.resolve()
})

test("fifty others' backfills of some days go before what is left of the years", {
  timeout: 120_000,
}, async () => {
  for (const project of small) {
    await create(project, { from_date: '2024-02-20', to_date: '2024-02-22', s3_prefix: 'backfill' })
  }
  // Those that were in the workers' hands were first, and one was perhaps being taken.
  expect(await hugeRunsBefore(3 * smallProjects)).toBeLessThanOrEqual(perProjectMax + takenMeanwhileMax)
})
