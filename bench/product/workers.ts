/** Processes of the role `worker` as `serve` starts them: what they are timed at is many runs that are due at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { settings } from '../../src/config/settings.ts'
import type { Env, RunningPenstock } from '../../test/support/penstock-process.ts'

export interface Workers {
  pids: number[]
  /** Waits for every run of the pipelines that `create` makes and names; throws where one does not succeed. */
  export(projectId: number, create: () => Promise<string[]>): Promise<WorkedRuns>
  stop(): Promise<void>
}

export interface WorkedRuns {
  /** From the first claim to the last success, by the database's clock. */
  seconds: number
  /** Of all runs. */
  events: number
  bytes: number
}

export const workersEnv: Env = {
  // What says that a worker is there.
  PENSTOCK_METRICS_PORT: '0',
  // Nobody else is there who would be kept waiting.
  PENSTOCK_RUNS_PER_PROJECT_MAX: String(settings.runsMax.default),
  // All of them begin at about the same time.
  PENSTOCK_RUN_POLL_MS: '20',
  // A run is to meet the members that the one before it met.
  PENSTOCK_COMPACTION_BYTES_PER_SECOND_MAX: '0',
}

/** @param databaseUrl of a PostgreSQL that any number of processes may use */
export async function startWorkers(
  databaseUrl: string | undefined,
  count: number,
  start: () => Promise<RunningPenstock>,
): Promise<Workers> {
  if (databaseUrl === undefined) throw new Error('workers beside each other need a database that they share')
  const running = await Promise.all(Array.from({ length: count }, start))
  return {
    pids: running.map(({ pid }) => pid),
    export: async (projectId, create) => await waitForRuns(databaseUrl, projectId, await create()),
    stop: async () => {
      await Promise.all(running.map((worker) => worker.kill('SIGTERM')))
    },
  }
}

const pollMs = 50

async function waitForRuns(databaseUrl: string, projectId: number, names: string[]): Promise<WorkedRuns> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (;;) {
      const runs = await readRuns(client, projectId, names)
      if (runs.failure !== null) throw new Error(`a run has ended without success: ${runs.failure}`)
      if (!runs.isOpen) return runs
      await sleep(pollMs)
    }
  } finally {
    await client.end()
  }
}

async function readRuns(
  client: pg.Client,
  projectId: number,
  names: string[],
): Promise<WorkedRuns & { isOpen: boolean; failure: string | null }> {
  const { rows } = await client.query(
    `select
      bool_or(run.state in ('pending', 'running', 'retried')) as "isOpen",
      max(concat_ws(' ', run.state, error_code, error_message))
        filter (where run.state not in ('pending', 'running', 'succeeded')) as failure,
      extract(epoch from max(finished_at) - min(started_at))::float8 as seconds,
      sum(run.events)::float8 as events, sum(run.bytes)::float8 as bytes
    from run join pipeline on pipeline.id = run.pipeline_id
    where project_id = $1 and pipeline.name = any($2)`,
    [projectId, names],
  )
  return rows[0]
}
