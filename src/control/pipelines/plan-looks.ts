/** Plans second looks at finished folders (second-look.ts): each is a sync that adds nothing. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { waitingOrWorking } from '../runs/run-state.ts'
import { planSyncs, type SyncableFolder } from './plan-syncs.ts'

/** Pipelines, and folders of each, that one call takes up; the next goes on. */
const pipelinesMax = 1000
const foldersMax = 500
/** A look that ends without success is planned again after so long. */
const againMinutes = 10

/** Active pipelines with a folder that is to be looked at by now; from the index folder_look. */
export async function findPipelinesToLookAt(db: Kysely<Database>, nowMs: number): Promise<PipelineId[]> {
  const rows = await db
    .selectFrom('folder')
    .innerJoin('pipeline', 'pipeline.id', 'folder.pipeline_id')
    .select('pipeline.id')
    .distinct()
    .where('folder.look_at', '<=', new Date(nowMs))
    .where('pipeline.state', '=', 'active')
    .limit(pipelinesMax)
    .execute()
  return rows.map(({ id }) => id)
}

/** 0 when another process is at it, or it was paused meanwhile. */
export async function planLooks(
  tx: Transaction<Database>,
  jobs: RunNudges,
  pipelineId: PipelineId,
  nowMs: number,
): Promise<number> {
  const pipeline = await tx
    .selectFrom('pipeline')
    .select('project_id as projectId')
    .where('id', '=', pipelineId)
    .where('state', '=', 'active')
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (pipeline === undefined) return 0
  const folders = await takeFolders(tx, pipelineId, nowMs)
  return await planSyncs(tx, jobs, { pipelineId, ...pipeline, folders }, folders, nowMs, 'seen')
}

/** Those at which no run waits or works; whoever does will leave the folder as it should be, and a look comes after it. */
async function takeFolders(
  tx: Transaction<Database>,
  pipelineId: PipelineId,
  nowMs: number,
): Promise<SyncableFolder[]> {
  const now = sql`${new Date(nowMs)}::timestamptz`
  const { rows } = await sql<SyncableFolder & { isFree: boolean }>`
    update folder set look_at = ${now} + make_interval(mins => ${againMinutes})
    from (
      select local_hour from folder
      where pipeline_id = ${pipelineId} and look_at <= ${now}
      order by look_at
      limit ${foldersMax}
    ) as due
    where folder.pipeline_id = ${pipelineId} and folder.local_hour = due.local_hour
    returning folder.local_hour as "localHour", hours, seen_commit as "seenCommit", not exists (
      select from run
      where run.pipeline_id = ${pipelineId} and run.local_hour = folder.local_hour
        and run.state = any(${waitingOrWorking}::text[])
    ) as "isFree"`.execute(tx)
  return rows.filter(({ isFree }) => isFree)
}
