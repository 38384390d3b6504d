import { sql, type Transaction } from 'kysely'
import type { RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { runPriority } from '../jobs/run-priority.ts'

/** Tells the workers about runs that wait, the oldest folder of a pipeline first; not of paused pipelines. */
export async function nudgeRuns(
  tx: Transaction<Database>,
  jobs: RunNudges,
  runIds: readonly RunId[],
  delayMs = 0,
): Promise<void> {
  if (runIds.length === 0) return
  const runs = await tx
    .selectFrom('run')
    .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
    .select(['run.id', 'run.pipeline_id', 'run.kind', 'run.backfill', 'pipeline.project_id'])
    .where(sql<boolean>`run.id = any(${runIds})`)
    .where('pipeline.state', '=', 'active')
    .orderBy('run.pipeline_id')
    .orderBy('run.local_hour')
    .execute()
  let index = 0
  const nudges = runs.map((run, position) => {
    index = runs[position - 1]?.pipeline_id === run.pipeline_id ? index + 1 : 0
    const urgency = run.kind === 'sync' ? 'sync' : run.backfill ? 'backfill' : 'live'
    return { runId: run.id, projectId: run.project_id, priority: runPriority(urgency, index), delayMs }
  })
  await jobs.enqueue(tx, nudges)
}
