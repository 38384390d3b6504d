import type { Kysely } from 'kysely'
import type { LocalHour, PipelineId, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunError } from './held-run.ts'
import { finishedStates, type RunState, transition } from './run-state.ts'
import { waitingAnew } from './waiting-anew.ts'

/**
 * Makes a folder's export wait again, as if it had never been worked: whoever claims it writes the whole folder anew.
 * Undefined where a run of it waits or works already, or the pipeline is canceled.
 */
export async function repairRun(
  db: Kysely<Database>,
  { pipelineId, localHour }: { pipelineId: PipelineId; localHour: LocalHour },
  nowMs: number,
): Promise<RunId | undefined> {
  const run = await db
    .updateTable('run')
    .set({ ...waitingAnew('repair', nowMs), files: null, events: null, bytes: null })
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .where('kind', '=', 'export')
    .where('state', 'in', transition('repair').from)
    .returning('id')
    .executeTakeFirst()
  return run?.id
}

/** How a run has ended; undefined while it waits or works. */
export async function readRunEnd(
  db: Kysely<Database>,
  runId: RunId,
): Promise<{ state: RunState; error: RunError | null } | undefined> {
  const run = await db
    .selectFrom('run')
    .select(['state', 'error_code', 'error_message'])
    .where('id', '=', runId)
    .executeTakeFirst()
  if (run === undefined) return { state: 'canceled', error: null }
  const { state, error_code: code, error_message: message } = run
  if (!finishedStates.includes(state) && state !== 'canceled') return undefined
  return { state, error: code === null ? null : { code, message: message ?? '' } }
}
