import type { Kysely, Transaction } from 'kysely'
import type { PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { planRuns } from './plan-runs.ts'

/** Pipelines that one look takes up; the next look goes on. */
const pipelinesMax = 1000

/** Active pipelines with a folder due by now, the longest due first. Read from the index pipeline_due. */
export async function findDuePipelines(db: Kysely<Database>, nowMs: number): Promise<PipelineId[]> {
  const rows = await db
    .selectFrom('pipeline')
    .select('id')
    .where('state', '=', 'active')
    .where('next_due_at', '<=', new Date(nowMs))
    .orderBy('next_due_at')
    .limit(pipelinesMax)
    .execute()
  return rows.map((row) => row.id)
}

/** Plans what is due of one pipeline; 0 when another process is at it or has done it, or it was paused meanwhile. */
export async function planDuePipeline(
  tx: Transaction<Database>,
  jobs: RunNudges,
  pipelineId: PipelineId,
  nowMs: number,
): Promise<number> {
  const row = await tx
    .selectFrom('pipeline')
    .innerJoin('project', 'project.id', 'pipeline.project_id')
    .select(['pipeline.frequency', 'pipeline.to_date', 'pipeline.next_local_hour', 'pipeline.created_at'])
    .select(['project.id as project_id', 'project.time_zone'])
    .where('pipeline.id', '=', pipelineId)
    .where('pipeline.state', '=', 'active')
    .where('pipeline.next_due_at', '<=', new Date(nowMs))
    // Whoever has the lock plans; nobody waits for it, or plans the same again after it.
    .forNoKeyUpdate(['pipeline'])
    .skipLocked()
    .executeTakeFirst()
  if (row === undefined || row.next_local_hour === null) return 0
  const pipeline = {
    id: pipelineId,
    projectId: row.project_id,
    timeZone: row.time_zone,
    frequency: row.frequency,
    toDate: row.to_date,
    nextLocalHour: row.next_local_hour,
    createdAtMs: row.created_at.getTime(),
  }
  return planRuns(tx, jobs, pipeline, nowMs)
}
