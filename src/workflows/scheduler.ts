/**
 * Makes due runs and syncs of late events, and brings lost runs back, at an interval. Any number of processes may do so on one database; each
 * pipeline and each run is taken up by one of them. What came due while none was running is made up for at the first
 * look.
 */
import type { Transaction } from 'kysely'
import type { Database } from '../control/db/tables.ts'
import { findDuePipelines, planDuePipeline } from '../control/pipelines/plan-due-pipelines.ts'
import { findPipelinesToLookAt, planLooks } from '../control/pipelines/plan-looks.ts'
import { recoverLostRuns } from '../control/runs/recover-lost-runs.ts'
import type { PipelineId, RunId } from '../ids.ts'
import { type Looking, lookAtInterval } from './look-at-interval.ts'
import { type LateDeps, planLateSyncs } from './plan-late-syncs.ts'

export interface SchedulerDeps extends LateDeps {
  intervalMs: number
  /** Attempts at a run, crashed ones included, before it has failed. */
  attemptsMax: number
}

/** Runs that one look brings back; the next goes on. */
const recoveredMax = 500

export function startScheduler(deps: SchedulerDeps): Looking {
  let after: RunId | 0 = 0
  return lookAtInterval(deps.intervalMs, deps.log, async () => {
    after = await tick(deps, after)
  })
}

/** @param after where the look before has come to among the runs that wait; @returns where this one has */
async function tick(deps: SchedulerDeps, after: RunId | 0): Promise<RunId | 0> {
  const { db, jobs, clock, attemptsMax, log } = deps
  const nowMs = clock.nowMs()
  const due = await findDuePipelines(db, nowMs)
  await planEach(deps, due, 'due runs were planned', (tx, id) => planDuePipeline(tx, jobs, id, nowMs))
  await planLateSyncs(deps)
  const toLookAt = await findPipelinesToLookAt(db, nowMs)
  await planEach(deps, toLookAt, 'folders whose runs broke off are looked at again', (tx, id) =>
    planLooks(tx, jobs, id, nowMs),
  )
  const options = { nowMs: clock.nowMs(), attemptsMax, runsMax: recoveredMax, after }
  const { lost, nudged, lookedUpTo } = await recoverLostRuns(db, jobs, options)
  if (lost > 0) log.warn({ runs: lost }, 'workers fell silent; their runs go to others')
  if (nudged > 0) log.info({ runs: nudged }, 'due runs without a job were nudged')
  return lookedUpTo
}

/** One pipeline that can't be planned doesn't keep the others waiting. */
async function planEach(
  { db, log }: SchedulerDeps,
  pipelineIds: readonly PipelineId[],
  planned: string,
  plan: (tx: Transaction<Database>, pipelineId: PipelineId) => Promise<number>,
): Promise<void> {
  for (const pipelineId of pipelineIds) {
    try {
      const runs = await db.transaction().execute((tx) => plan(tx, pipelineId))
      if (runs > 0) log.info({ pipeline: pipelineId, runs }, planned)
    } catch (error) {
      log.error(
        { err: error, pipeline: pipelineId },
        'a pipeline could not be planned; the next look tries again',
      )
    }
  }
}
