import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/tables.ts'
import type { PipelineState } from '../pipelines/pipeline.ts'
import type { RunResult } from './finish-run.ts'
import type { RunHold } from './held-run.ts'
import type { RunState, RunStep } from './run-state.ts'

/** `stop`: the pipeline was paused or canceled; break off, then hand the run back. `lost`: it's another worker's. */
export type LeaseAnswer = 'held' | 'stop' | 'lost'

/**
 * Keeps a run in the hands of its holder. The lease is renewed for `stop` too: until the run is handed back, nobody
 * else may write to its folder.
 * @param delivered what the bucket has confirmed so far, and what the attempt is at
 */
export async function renewLease(
  db: Kysely<Database>,
  options: RunHold & { leaseMs: number; nowMs: number },
  delivered: RunResult & { step?: RunStep } = { files: 0, events: 0, bytes: 0 },
): Promise<LeaseAnswer> {
  const { rows } = await sql<{ run_state: RunState; pipeline_state: PipelineState }>`
    update run
    set lease_until = ${new Date(options.nowMs + options.leaseMs)},
      files = ${delivered.files},
      events = ${delivered.events},
      bytes = ${delivered.bytes},
      step = coalesce(${delivered.step ?? null}, run.step)
    from pipeline
    where run.id = ${options.runId}
      and run.worker_id = ${options.workerId}
      and run.attempt = ${options.attempt}
      and run.state in ('running', 'canceled')
      and pipeline.id = run.pipeline_id
    returning run.state as run_state, pipeline.state as pipeline_state`.execute(db)
  const [row] = rows
  if (row === undefined) return 'lost'
  return row.run_state === 'running' && row.pipeline_state === 'active' ? 'held' : 'stop'
}
