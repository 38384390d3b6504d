import { type Kysely, sql, type Transaction, type UpdateObject } from 'kysely'
import type { PipelineId, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { type RunEvent, transition } from './run-state.ts'

/** Who holds a run. A worker that held it earlier has another attempt, and matches no row any more. */
export interface RunHold {
  runId: RunId
  workerId: string
  attempt: number
}

/** What went wrong, for the owner of the pipeline to read. */
export interface RunError {
  code: string
  message: string
}

type RunChanges = UpdateObject<Database, 'run'>

/** Columns of a run that nobody holds. */
export const released = { worker_id: null, lease_until: null } as const

/**
 * Carries one event out on the run that `hold` holds; false, and nothing changed, for anybody else or in a state that
 * doesn't allow it.
 */
export async function moveHeldRun(
  db: Kysely<Database>,
  event: RunEvent,
  hold: RunHold,
  changes: RunChanges = {},
): Promise<boolean> {
  const { from, to } = transition(event)
  const result = await db
    .updateTable('run')
    .set({ state: to, ...released, ...changes })
    .where('id', '=', hold.runId)
    .where('worker_id', '=', hold.workerId)
    .where('attempt', '=', hold.attempt)
    .where('state', 'in', from)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** A pipeline, and what has been counted against it. */
interface LockedPipeline {
  id: PipelineId
  refusals: number
  connection_tests: number
}

/**
 * Locks the pipeline of a run. Taken before the run's own row wherever both change: owner's
 * commands lock in this order too, so none waits for the other in a circle.
 */
export async function lockPipelineOf(
  tx: Transaction<Database>,
  runId: RunId,
): Promise<LockedPipeline | undefined> {
  return await tx
    .selectFrom('pipeline')
    .select(['id', 'refusals', 'connection_tests'])
    .where('id', '=', (query) => query.selectFrom('run').select('pipeline_id').where('run.id', '=', runId))
    .forNoKeyUpdate()
    .executeTakeFirst()
}

/** One failure more. */
export const oneFailureMore = sql<number>`failures + 1`
