import type { Kysely } from 'kysely'
import { fromKysely, type Job, type JobInsert, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import { type ConnectOptions, connectDatabase } from '../db/connect-database.ts'
import type { Database } from '../db/tables.ts'
import { queueName, queueOptions } from './export-run-queue.ts'
import type { RunNudge, RunNudges } from './run-jobs.ts'
import { type RunHandler, type RunWorker, startRunWorker, type WorkOptions } from './run-worker.ts'

export interface Jobs extends RunNudges {
  /** Calls `handler` for each run that is nudged, until `stop`. */
  workRuns(handler: RunHandler, options: WorkOptions): Pick<RunWorker, 'silentMs'>
  /**
   * Takes no more jobs. Handlers have half the deadline to finish; then their signals are aborted, and they have the
   * other half to hand back what they hold. What isn't over by then is left to its lease.
   */
  stop(options: { deadlineMs: number }): Promise<void>
  /** Ends the queue's own connections to the database at once. */
  breakOff(): void
}

export interface JobsOptions extends Pick<ConnectOptions, 'onSilent'> {
  databaseUrl: string
  log: Logger
}

/** Of the queue's own pool: taking jobs and upkeep. Jobs are added on the caller's connection. */
const connectionsMax = 4

/**
 * Starts the job queue: pg-boss, in the schema `pgboss` of the database, which it creates and upgrades by itself.
 * Any number of processes may run on one database.
 */
export async function startJobs({ databaseUrl, log, onSilent }: JobsOptions): Promise<Jobs> {
  const { pool, close, breakOff } = connectDatabase(databaseUrl, {
    applicationName: 'penstock jobs',
    connectionsMax,
    onSilent,
  })
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schedule: false,
    registerInstance: false,
  })
  boss.on('error', (error) => log.error({ err: error }, 'the job queue failed'))
  boss.on('warning', (warning) => log.warn({ warning }, 'the job queue warns'))
  try {
    await boss.start()
    await createQueue(boss)
  } catch (cause) {
    await boss.stop({ graceful: false }).catch(() => undefined)
    await close()
    throw cause
  }
  const workers: RunWorker[] = []
  return {
    enqueue: (tx, nudges) => enqueue(boss, tx, nudges),
    workRuns: (handler, options) => {
      const worker = startRunWorker(queueOf(boss), handler, options, log)
      workers.push(worker)
      return worker
    },
    stop: async ({ deadlineMs }) => {
      await Promise.all(workers.map((worker) => worker.stop(deadlineMs)))
      await boss.stop({ graceful: false })
      await close()
    },
    breakOff,
  }
}

/** Creates the queue, or gives one that an earlier version made today's options. */
async function createQueue(boss: PgBoss): Promise<void> {
  await boss.createQueue(queueName, queueOptions)
  const { policy, ...changeable } = queueOptions
  await boss.updateQueue(queueName, changeable)
}

async function enqueue(boss: PgBoss, tx: Kysely<Database>, nudges: RunNudge[]): Promise<void> {
  if (nudges.length === 0) return
  const jobs = nudges.map(
    (nudge): JobInsert => ({
      data: { runId: nudge.runId },
      singletonKey: String(nudge.runId),
      priority: nudge.priority,
      group: { id: String(nudge.projectId) },
      ...(nudge.delayMs > 0 ? { startAfter: nudge.delayMs / 1000 } : {}),
    }),
  )
  await boss.insert(queueName, jobs, { db: fromKysely(tx) })
}

function queueOf(boss: PgBoss) {
  return {
    take: async (projectsAtBound: string[]): Promise<Job<unknown> | undefined> => {
      const [job] = await boss.fetch<unknown>(queueName, { batchSize: 1, ignoreGroups: projectsAtBound })
      return job
    },
    complete: async (job: Job<unknown>): Promise<void> => {
      await boss.complete(queueName, job)
    },
  }
}
