/** Runs the program's own functions and prints the plans of their statements, as PostgreSQL's auto_explain tells them. */
import { type Kysely, PostgresDialect, Kysely as Queries, sql } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import type { Database } from '../../src/control/db/tables.ts'
import { startJobs } from '../../src/control/jobs/jobs.ts'
import { claimConnectionTest, claimTrustTest } from '../../src/control/pipelines/due-destination-tests.ts'
import { findDuePipelines, planDuePipeline } from '../../src/control/pipelines/plan-due-pipelines.ts'
import { findPipelinesToSync, planSyncs, takeSyncLook } from '../../src/control/pipelines/plan-syncs.ts'
import { claimRun } from '../../src/control/runs/claim-run.ts'
import { recoverLostRuns } from '../../src/control/runs/recover-lost-runs.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import { findNewer, findNextHour, readMembers } from '../../src/data/store/member-index.ts'
import { readBacklog } from '../../src/data/store/merge/merge-backlog.ts'
import { mergeLimits } from '../../src/data/store/merge/merge-batch.ts'
import { pickOverlapping, pickSealed, pickSparse } from '../../src/data/store/merge/pick-merge.ts'
import { markEmptied, removeEmptied } from '../../src/data/store/merge/remove-segments.ts'
import { dropExpired } from '../../src/data/store/retention.ts'
import type { CommitNumber, LocalHour, PipelineId, ProjectId, RunId, SegmentId } from '../../src/ids.ts'
import { firstHour } from './load-rows.ts'

type Db = Kysely<Database & IndexTables>

const explaining = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=0',
  'auto_explain.log_analyze=on',
  'auto_explain.log_buffers=on',
  'auto_explain.log_level=notice',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

/** In a transaction that is undone: every measure sees the same rows. */
class Undone extends Error {}

export async function measureStatements(url: string, days: number): Promise<void> {
  const plans: string[] = []
  const pool = new pg.Pool({ connectionString: url, max: 1, options: explaining })
  pool.on('connect', (client) => {
    client.on('notice', ({ message = '' }) => plans.push(message))
  })
  const db: Db = new Queries({ dialect: new PostgresDialect({ pool }) })
  for (const [name, measure] of Object.entries(measures(days))) {
    // Twice: the first finds cold caches and a new connection's catalogue.
    for (let round = 0; round < 2; round++) {
      plans.length = 0
      await db
        .transaction()
        .execute(async (tx) => {
          await measure(tx)
          throw new Undone()
        })
        .catch((error) => {
          if (!(error instanceof Undone)) throw error
        })
    }
    process.stdout.write(`\n### ${name}: ${plans.map(costOf).join('; ')}\n`)
    if (process.env.PLANS === 'true') process.stdout.write(`${plans.join('\n\n')}\n`)
  }
  const { jobs } = (await sql<{ jobs: number }>`select count(*)::integer as jobs from pgboss.job`.execute(db))
    .rows[0] ?? { jobs: 0 }
  await db.destroy()
  if (jobs > 0) await measureTake(url)
}

/** Milliseconds and pages of the plan's top node. */
function costOf(plan: string): string {
  const [, ms = '?'] = /duration: ([\d.]+) ms/.exec(plan) ?? []
  const [, hit = '0', , read = '0'] = /Buffers: shared(?: hit=(\d+))?( read=(\d+))?/.exec(plan) ?? []
  return `${Number(hit) + Number(read)} pages, ${ms} ms`
}

function measures(
  days: number,
): Record<string, (tx: Parameters<typeof planDuePipeline>[0]) => Promise<unknown>> {
  const hour = (day: number) => (firstHour + day * 24) as LocalHour
  const [big, middle, small] = [50, 5000, 50_000] as ProjectId[] as [ProjectId, ProjectId, ProjectId]
  const all = { after: 0 as CommitNumber, upTo: (2 ** 50) as CommitNumber }
  const window = (projectId: ProjectId) => ({ projectId, fromHour: hour(days - 1), toHour: hour(days) })
  const seen = Array.from({ length: 10 }, (_, day) => ({
    fromHour: hour(day),
    toHour: hour(day + 1),
    seen: ((day + 1) * 1_000_000) as CommitNumber,
  }))
  const nowMs = Date.now()
  const times = { nowMs, intervalMs: 3_600_000, daysMax: 4000 }
  const soon = { ...times, nowMs: nowMs + 45 * 60_000 }
  const limits = mergeLimits(32 * 1024 * 1024)
  const newest = 'ffffffffffffffffffffffffffff' as SegmentId
  const overlaps = { generationMax: 1, depthMin: 10, partSizeBytes: 2 * 1024 * 1024 }
  const range = (projectId: ProjectId) => ({ projectId, fromHour: hour(days - 1), toHour: hour(days) })
  const noJobs = { enqueue: async () => {} }
  const store = (tx: unknown) => tx as Parameters<typeof pickSealed>[0]
  return {
    'readMembers, a day of a big project': (tx) => readMembers(store(tx), window(big), all),
    'readMembers, a day of a middle one': (tx) => readMembers(store(tx), window(middle), all),
    'readMembers, a day of a small one': (tx) => readMembers(store(tx), window(small), all),
    'findNewer, ten days of a big project': (tx) => findNewer(store(tx), big, seen),
    'findNewer, ten days of a small one': (tx) => findNewer(store(tx), small, seen),
    'findNextHour, of a small one': (tx) =>
      findNextHour(store(tx), { projectId: small, fromHour: hour(-9000), toHour: hour(days + 9000) }),
    readBacklog: (tx) => readBacklog(store(tx)),
    pickSealed: (tx) => pickSealed(store(tx), newest, limits),
    'pickOverlapping, a day of a big project, hour': (tx) =>
      pickOverlapping(store(tx), { range: range(big), mergeClass: 'hour', ...overlaps }, limits),
    'pickOverlapping, a day of a small one, day': (tx) =>
      pickOverlapping(store(tx), { range: range(small), mergeClass: 'day', ...overlaps }, limits),
    pickSparse: (tx) => pickSparse(store(tx), limits),
    markEmptied: (tx) => markEmptied(store(tx)),
    removeEmptied: (tx) => removeEmptied(store(tx), { remove: async () => {} } as never),
    'dropExpired, nothing is': (tx) =>
      dropExpired(store(tx), { nowMs: firstHour * 3_600_000, retentionDays: 30 }),
    'plan-due, which pipelines, none': (tx) => findDuePipelines(tx, nowMs),
    'plan-due, which pipelines, all': (tx) => findDuePipelines(tx, nowMs + 24 * 3_600_000),
    'plan-due, one': (tx) => planDuePipeline(tx, noJobs, 5000 as PipelineId, nowMs + 24 * 3_600_000),
    'plan-syncs, which pipelines, none': (tx) => findPipelinesToSync(tx, times),
    'plan-syncs, which pipelines, all': (tx) => findPipelinesToSync(tx, soon),
    'plan-syncs, one': async (tx) => {
      const look = await takeSyncLook(tx, 5000 as PipelineId, soon)
      if (look === undefined) throw new Error('it should be time')
      await planSyncs(tx, noJobs, look, look.folders.slice(0, 2), nowMs)
    },
    'recoverLostRuns, nothing to do': (tx) =>
      recoverLostRuns(inTransaction(tx), noJobs, { nowMs, attemptsMax: 100, runsMax: 500, after: 0 }),
    claimRun: async (tx) => {
      const run = await tx
        .selectFrom('run')
        .select('id')
        .where('pipeline_id', '=', 5000 as PipelineId)
        .orderBy('local_hour', 'desc')
        .executeTakeFirst()
      await claimRun(tx, { runId: run?.id as RunId, workerId: 'w', leaseMs: 30_000, nowMs: Date.now() })
    },
    'claimTrustTest, none': (tx) => claimTrustTest(tx, nowMs),
    'claimConnectionTest, none': (tx) => claimConnectionTest(tx, nowMs),
  }
}

/** For what opens transactions itself: they are this one. */
function inTransaction(tx: Parameters<typeof planDuePipeline>[0]): Kysely<Database> {
  return new Proxy(tx, {
    get: (target, name) =>
      name === 'transaction'
        ? () => ({ execute: (work: (same: typeof tx) => Promise<unknown>) => work(tx) })
        : Reflect.get(target, name),
  })
}

/** What a worker asks of the queue has connections of its own, so it is timed instead. */
async function measureTake(url: string): Promise<void> {
  const jobs = await startJobs({ databaseUrl: url, log: pino({ level: 'silent' }) })
  const taken: number[] = []
  const beganMs = performance.now()
  jobs.workRuns(async (runId) => void taken.push(runId), { concurrency: 4, perProjectMax: 2, pollMs: 20 })
  while (taken.length < 500 && performance.now() - beganMs < 60_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
  const ms = performance.now() - beganMs
  await jobs.stop({ deadlineMs: 1000 })
  process.stdout.write(`\n### 500 jobs taken and completed: ${taken.length} in ${ms.toFixed(0)} ms\n`)
}
