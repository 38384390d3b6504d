import type { Kysely } from 'kysely'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { moveHeldRun, oneFailureMore, type RunError, type RunHold } from './held-run.ts'
import { nudgeRuns } from './nudge-runs.ts'

/**
 * Something outside failed that may pass: the run is tried again after `delayMs`, by whichever worker is free. With
 * the last attempt that `attemptsMax` allows it has failed instead. False when the run isn't the holder's any more.
 */
export async function retryRun(
  db: Kysely<Database>,
  jobs: RunNudges,
  hold: RunHold,
  retry: { error: RunError; delayMs: number; attemptsMax: number; nowMs: number },
): Promise<boolean> {
  const error = { error_code: retry.error.code, error_message: retry.error.message }
  const now = new Date(retry.nowMs)
  return db.transaction().execute(async (tx) => {
    const run = await tx.selectFrom('run').select('failures').where('id', '=', hold.runId).executeTakeFirst()
    const changes = { ...error, failures: oneFailureMore, finished_at: now }
    if ((run?.failures ?? 0) + 1 >= retry.attemptsMax) return moveHeldRun(tx, 'exhaust', hold, changes)
    const notBefore = new Date(retry.nowMs + retry.delayMs)
    const moved = await moveHeldRun(tx, 'retry', hold, { ...changes, not_before: notBefore })
    if (moved) await nudgeRuns(tx, jobs, [hold.runId], retry.delayMs)
    return moved
  })
}

/**
 * Gives a run back unfinished: its pipeline was paused or canceled, or this process ends. Of a canceled run it lets
 * go, so that others may write to its folder. False when the run isn't the holder's any more.
 */
export async function handBackRun(
  db: Kysely<Database>,
  jobs: RunNudges,
  hold: RunHold,
  { nowMs }: { nowMs: number },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    if (await moveHeldRun(tx, 'hand_back', hold, { not_before: new Date(nowMs) })) {
      await nudgeRuns(tx, jobs, [hold.runId])
      return true
    }
    return moveHeldRun(tx, 'let_go', hold)
  })
}
