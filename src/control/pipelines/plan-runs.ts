import { sql, type Transaction } from 'kysely'
import type { LocalHour, PipelineId, ProjectId, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { runPriority } from '../jobs/run-priority.ts'
import type { Frequency } from './pipeline.ts'
import { type DueFolder, planDueFolders } from './plan-due-folders.ts'

/** What planning needs of a pipeline's row, which the caller holds locked, and of its project. */
export interface PlannedPipeline {
  id: PipelineId
  projectId: ProjectId
  timeZone: string
  frequency: Frequency
  toDate: string | null
  nextLocalHour: LocalHour
  createdAtMs: number
}

/** Bound of one plan; more than half a year of hours. */
const foldersMax = 5000

/**
 * Makes the runs of all folders that are due, tells the workers, and moves the cursor: together or not at all.
 * Returns how many there were.
 */
export async function planRuns(
  tx: Transaction<Database>,
  jobs: RunNudges,
  pipeline: PlannedPipeline,
  nowMs: number,
): Promise<number> {
  const plan = planDueFolders({ ...pipeline, nowMs, foldersMax })
  if (plan.folders.length > 0) await insertRuns(tx, jobs, pipeline, plan.folders, nowMs)
  await tx
    .updateTable('pipeline')
    .set({
      next_local_hour: plan.next?.localHour ?? null,
      next_due_at: plan.next === null ? null : new Date(plan.next.dueAtMs),
      ...(plan.folders.length > 0 ? { last_dispatched_at: new Date(nowMs) } : {}),
    })
    .where('id', '=', pipeline.id)
    .execute()
  return plan.folders.length
}

async function insertRuns(
  tx: Transaction<Database>,
  jobs: RunNudges,
  pipeline: PlannedPipeline,
  folders: DueFolder[],
  nowMs: number,
): Promise<void> {
  const hours = folders.map((folder) => folder.localHour)
  const dueAt = folders.map((folder) => new Date(folder.dueAtMs))
  // One statement for any number of folders. The cursor already sees to it that none comes twice; the constraint
  // run_folder would hold even if it didn't.
  const { rows } = await sql<{ id: RunId; backfill: boolean; local_hour: LocalHour }>`
    insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at)
    select ${pipeline.id}, due.local_hour, ${folders[0]?.hours ?? 24}, 'export', due.due_at <= ${new Date(pipeline.createdAtMs)},
      'pending', due.due_at, due.due_at, ${new Date(nowMs)}
    from unnest(${hours}::integer[], ${dueAt}::timestamptz[]) as due (local_hour, due_at)
    on conflict on constraint run_folder do nothing
    returning id, backfill, local_hour`.execute(tx)
  const oldestFirst = rows.sort((left, right) => left.local_hour - right.local_hour)
  const nudges = oldestFirst.map((row, index) => ({
    runId: row.id,
    projectId: pipeline.projectId,
    priority: runPriority(row.backfill ? 'backfill' : 'live', index),
    delayMs: 0,
  }))
  await jobs.enqueue(tx, nudges)
}
