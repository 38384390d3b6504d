import { type Kysely, sql, type Transaction } from 'kysely'
import type { PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { nextConnectionTest } from '../pipelines/due-destination-tests.ts'
import type { PipelineState } from '../pipelines/pipeline.ts'
import { lockPipelineOf, moveHeldRun, type RunError, type RunHold } from './held-run.ts'

export interface RunResult {
  files: number
  events: number
  bytes: number
}

export interface RunSuccess extends RunResult {
  nowMs: number
  /** Keeps what the folder consists of now: together with the run's success, or neither. */
  record?: (tx: Transaction<Database>, nowMs: number) => Promise<void>
}

/** The folder is in the bucket, marker and all. False when the run isn't the holder's any more. */
export async function succeedRun(db: Kysely<Database>, hold: RunHold, result: RunSuccess): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const pipeline = await lockPipelineOf(tx, hold.runId)
    if (pipeline === undefined) return false
    const moved = await moveHeldRun(tx, 'succeed', hold, {
      files: result.files,
      events: result.events,
      bytes: result.bytes,
      error_code: null,
      error_message: null,
      finished_at: new Date(result.nowMs),
    })
    if (moved) {
      await result.record?.(tx, result.nowMs)
      if (pipeline.refusals > 0 || pipeline.connection_tests > 0) await forgetRefusals(tx, pipeline.id)
    }
    return moved
  })
}

async function forgetRefusals(tx: Transaction<Database>, pipelineId: PipelineId): Promise<void> {
  await tx
    .updateTable('pipeline')
    .set({ refusals: 0, connection_tests: 0 })
    .where('id', '=', pipelineId)
    .execute()
}

/**
 * The destination refuses: the run has failed and isn't tried again by itself. The `refusalsMax`-th in a row pauses
 * the pipeline with the reason, until its connection test passes. False when the run isn't the holder's any more.
 */
export async function refuseRun(
  db: Kysely<Database>,
  hold: RunHold,
  refusal: { error: RunError; refusalsMax: number; nowMs: number },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const pipeline = await lockPipelineOf(tx, hold.runId)
    if (pipeline === undefined) return false
    const moved = await moveHeldRun(tx, 'refuse', hold, failure(refusal.error, refusal.nowMs))
    if (!moved) return false
    const isLast = sql<boolean>`state = 'active' and refusals + 1 >= ${refusal.refusalsMax}`
    await tx
      .updateTable('pipeline')
      .set({
        refusals: sql`refusals + 1`,
        state: sql<PipelineState>`case when ${isLast} then 'paused' else state end`,
        pause_reason: sql<
          string | null
        >`case when ${isLast} then ${pauseReason(refusal)} else pause_reason end`,
        next_connection_test_at: sql<Date | null>`case when ${isLast}
          then ${nextConnectionTest(refusal.nowMs)} else next_connection_test_at end`,
      })
      .where('id', '=', pipeline.id)
      .execute()
    return true
  })
}

/** The attempt took too long. False when the run isn't the holder's any more. */
export function timeOutRun(
  db: Kysely<Database>,
  hold: RunHold,
  timeout: { error: RunError; nowMs: number },
): Promise<boolean> {
  return moveHeldRun(db, 'time_out', hold, failure(timeout.error, timeout.nowMs))
}

function failure(error: RunError, nowMs: number) {
  return { error_code: error.code, error_message: error.message, finished_at: new Date(nowMs) }
}

function pauseReason({ error, refusalsMax }: { error: RunError; refusalsMax: number }): string {
  return `paused after ${refusalsMax} refused ${refusalsMax === 1 ? 'run' : 'runs in a row'}: ${error.code}: ${error.message}`
}
