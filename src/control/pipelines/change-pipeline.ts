/**
 * What the owner of a pipeline does with it:
 *
 *   active ──pause──▶ paused ──resume──▶ active          active, paused ──cancel──▶ removed
 *
 * Each locks the pipeline's row first and its runs after, as everything does that changes both.
 */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { CommitNumber, PipelineId, ProjectId, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { nudgeRuns } from '../runs/nudge-runs.ts'
import { transition } from '../runs/run-state.ts'
import { waitingAnew } from '../runs/waiting-anew.ts'
import { pipelineUnknown, trialFixed, trialNotEdited } from './pipeline-errors.ts'

export interface PipelineName {
  projectId: ProjectId
  name: string
}

/** What is given changes, the rest stays. Null: all events. */
export interface SelectionChange {
  events?: string[] | null
  where?: string | null
}

/** Which events a pipeline exports from its next runs on; one that is under way ends with what it began with. */
export async function editPipeline(
  db: Kysely<Database>,
  which: PipelineName,
  { events, where }: SelectionChange,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { id: pipelineId, trial } = await lockPipeline(tx, which)
    if (trial) throw trialNotEdited(which.name)
    await tx
      .updateTable('pipeline')
      .set({
        ...(events === undefined ? {} : { events }),
        ...(where === undefined ? {} : { where_expression: where }),
      })
      .where('id', '=', pipelineId)
      .execute()
  })
}

/**
 * Stops a pipeline: nothing more is planned or begun, and a worker at one of its runs breaks off at its next
 * heartbeat. One that Penstock has paused goes on no more by itself; pausing it again changes nothing else.
 */
export async function pausePipeline(db: Kysely<Database>, which: PipelineName): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { id: pipelineId } = await lockPipeline(tx, which)
    await tx
      .updateTable('pipeline')
      .set({
        state: 'paused',
        pause_reason: sql<string | null>`case when state = 'paused' then pause_reason end`,
        next_connection_test_at: null,
      })
      .where('id', '=', pipelineId)
      .execute()
  })
}

/**
 * Lets a pipeline go on where it stopped: what came due meanwhile is planned by the scheduler, and every run that
 * isn't finished starts afresh, those that failed or timed out included.
 */
export async function resumePipeline(
  db: Kysely<Database>,
  jobs: RunNudges,
  which: PipelineName,
  { nowMs }: { nowMs: number },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { id: pipelineId } = await lockPipeline(tx, which)
    await tx.updateTable('pipeline').set({ connection_tests: 0 }).where('id', '=', pipelineId).execute()
    await goOn(tx, jobs, pipelineId, nowMs)
  })
}

/**
 * The same for a pipeline that Penstock has paused and whose connection test passes. False where its owner has resumed,
 * paused or canceled it meanwhile: then that stands.
 */
export async function releaseHeldPipeline(
  db: Kysely<Database>,
  jobs: RunNudges,
  pipelineId: PipelineId,
  { nowMs }: { nowMs: number },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const held = await tx
      .selectFrom('pipeline')
      .select('id')
      .where('id', '=', pipelineId)
      .where('state', '=', 'paused')
      .where('next_connection_test_at', 'is not', null)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (held === undefined) return false
    await goOn(tx, jobs, pipelineId, nowMs)
    return true
  })
}

async function goOn(
  tx: Transaction<Database>,
  jobs: RunNudges,
  pipelineId: PipelineId,
  nowMs: number,
): Promise<void> {
  await tx
    .updateTable('pipeline')
    .set({ state: 'active', pause_reason: null, next_connection_test_at: null, refusals: 0 })
    .where('id', '=', pipelineId)
    .execute()
  await nudgeRuns(tx, jobs, await requeueRuns(tx, pipelineId, nowMs))
}

/** Removes a pipeline and cancels its runs. What it exported stays where it is. */
export async function cancelPipeline(
  db: Kysely<Database>,
  which: PipelineName,
  { nowMs }: { nowMs: number },
): Promise<void> {
  const { from, to } = transition('cancel')
  await db.transaction().execute(async (tx) => {
    const { id: pipelineId, trial } = await lockPipeline(tx, which)
    if (trial)
      throw trialFixed(`${which.name} is a trial, which ends by itself and can't be canceled; pause stops it`)
    await tx
      .updateTable('pipeline')
      .set({
        state: 'removed',
        next_local_hour: null,
        next_due_at: null,
        next_connection_test_at: null,
      })
      .where('id', '=', pipelineId)
      .execute()
    await tx
      .updateTable('folder')
      .set({ look_at: null })
      .where('pipeline_id', '=', pipelineId)
      .where('look_at', 'is not', null)
      .execute()
    // The holder of a running one keeps its lease: nothing else is written to that folder until it lets go.
    await tx
      .updateTable('run')
      .set({ state: to, finished_at: new Date(nowMs) })
      .where('pipeline_id', '=', pipelineId)
      .where('state', 'in', from)
      .execute()
  })
}

/** Locked against the scheduler, the ends of its runs, and whoever else changes it. */
async function lockPipeline(
  tx: Transaction<Database>,
  { projectId, name }: PipelineName,
): Promise<{ id: PipelineId; trial: boolean }> {
  // Always asked for within one project, by the index pipeline_name: another's pipeline is as unknown as none.
  const pipeline = await tx
    .selectFrom('pipeline')
    .select(['id', 'trial'])
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .where('state', '<>', 'removed')
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (pipeline === undefined) throw pipelineUnknown(name)
  return pipeline
}

/** A second look at a folder stays one: it adds nothing that the folder has not seen. */
const snapshotOfLook = sql<CommitNumber | null>`case when kind = 'sync' then (
  select seen_commit from folder
  where folder.pipeline_id = run.pipeline_id and folder.local_hour = run.local_hour
    and folder.seen_commit = run.snapshot_commit
) end`

async function requeueRuns(
  tx: Transaction<Database>,
  pipelineId: PipelineId,
  nowMs: number,
): Promise<RunId[]> {
  const runs = await tx
    .updateTable('run')
    .set({ ...waitingAnew('requeue', nowMs), snapshot_commit: snapshotOfLook })
    .where('pipeline_id', '=', pipelineId)
    .where('state', 'in', transition('requeue').from)
    .returning('id')
    .execute()
  return runs.map((run) => run.id)
}
