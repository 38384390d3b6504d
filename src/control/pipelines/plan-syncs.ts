import { type Kysely, sql, type Transaction } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId, ProjectId, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { runPriority } from '../jobs/run-priority.ts'
import { finishedStates, waitingOrWorking } from '../runs/run-state.ts'
import { addDays, dateAt, firstHourOf } from './calendar-date.ts'

export interface SyncTimes {
  nowMs: number
  /** Late events are looked for at multiples of it. */
  intervalMs: number
  /** Folders older than so many days stay as they are. */
  daysMax: number
}

/** Pipelines that one look takes up; the next look goes on. */
const pipelinesMax = 1000

/** Active pipelines that it is time to look for late events of, the longest due first; from the index pipeline_sync_due. */
export async function findPipelinesToSync(db: Kysely<Database>, times: SyncTimes): Promise<PipelineId[]> {
  const rows = await db
    .selectFrom('pipeline')
    .select('id')
    .where('state', '=', 'active')
    .where(isTime(times))
    .orderBy('next_sync_at')
    .limit(pipelinesMax)
    .execute()
  return rows.map((row) => row.id)
}

/** A time that lies too far ahead is of a clock that was set back since, or of a longer interval: nobody waits for it. */
function isTime({ nowMs, intervalMs }: SyncTimes) {
  return sql<boolean>`(next_sync_at <= ${new Date(nowMs)} or next_sync_at > ${new Date(nowMs + intervalMs)})`
}

/** A finished folder that late events may be added to. */
export interface SyncableFolder {
  localHour: LocalHour
  hours: 1 | 24
  /** It has everything up to this commit. */
  seenCommit: CommitNumber
}

export interface SyncLook {
  pipelineId: PipelineId
  projectId: ProjectId
  folders: SyncableFolder[]
}

/**
 * Takes a pipeline's turn to look: the folders of the last days of which no sync waits or works. Undefined when another
 * process is at it, or it was paused meanwhile.
 */
export async function takeSyncLook(
  tx: Transaction<Database>,
  pipelineId: PipelineId,
  times: SyncTimes,
): Promise<SyncLook | undefined> {
  const row = await tx
    .selectFrom('pipeline')
    .innerJoin('project', 'project.id', 'pipeline.project_id')
    .select(['project.id as projectId', 'project.time_zone as timeZone'])
    .where('pipeline.id', '=', pipelineId)
    .where('pipeline.state', '=', 'active')
    .where(isTime(times))
    .forNoKeyUpdate(['pipeline'])
    .skipLocked()
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { nowMs, intervalMs, daysMax } = times
  await tx
    .updateTable('pipeline')
    .set({ next_sync_at: new Date((Math.floor(nowMs / intervalMs) + 1) * intervalMs) })
    .where('id', '=', pipelineId)
    .execute()
  const fromHour = firstHourOf(addDays(dateAt(row.timeZone, nowMs), -daysMax))
  return { pipelineId, projectId: row.projectId, folders: await readSyncable(tx, pipelineId, fromHour) }
}

function readSyncable(
  tx: Transaction<Database>,
  pipelineId: PipelineId,
  fromHour: LocalHour,
): Promise<SyncableFolder[]> {
  return tx
    .selectFrom('folder')
    .select(['local_hour as localHour', 'hours', 'seen_commit as seenCommit'])
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '>=', fromHour)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('run')
            .whereRef('run.pipeline_id', '=', 'folder.pipeline_id')
            .whereRef('run.local_hour', '=', 'folder.local_hour')
            .where('run.kind', '=', 'sync')
            .where('run.state', 'in', waitingOrWorking),
        ),
      ),
    )
    .orderBy('local_hour')
    .execute()
}

/**
 * Makes the runs that sync these folders and tells the workers, the newest folder first. Each takes the place of the
 * folder's sync before it, which is finished. Returns how many there are.
 * @param upTo what they bring: everything, or nothing that the folder has not seen, which makes them looks (look-again.ts)
 */
export async function planSyncs(
  tx: Transaction<Database>,
  jobs: RunNudges,
  { pipelineId, projectId }: SyncLook,
  folders: readonly SyncableFolder[],
  nowMs: number,
  upTo: 'newest' | 'seen' = 'newest',
): Promise<number> {
  if (folders.length === 0) return 0
  const hours = folders.map(({ localHour }) => localHour)
  // A row of its own for each sync: whoever held the one before knows another id, and changes nothing any more.
  await tx
    .deleteFrom('run')
    .where('pipeline_id', '=', pipelineId)
    .where('kind', '=', 'sync')
    .where('state', 'in', finishedStates)
    .where(sql<boolean>`local_hour = any(${hours}::integer[])`)
    .execute()
  const now = new Date(nowMs)
  const snapshots = folders.map(({ seenCommit }) => (upTo === 'seen' ? seenCommit : null))
  const { rows } = await sql<{ id: RunId }>`
    insert into run (pipeline_id, local_hour, hours, kind, backfill, state, due_at, not_before, created_at, snapshot_commit)
    select ${pipelineId}, local_hour, ${folders[0]?.hours ?? 24}, 'sync', false, 'pending', ${now}, ${now}, ${now}, snapshot
    from unnest(${hours}::integer[], ${snapshots}::bigint[]) as synced (local_hour, snapshot)
    order by local_hour desc
    on conflict on constraint run_folder do nothing
    returning id`.execute(tx)
  await jobs.enqueue(
    tx,
    rows.map(({ id: runId }, index) => ({
      ...{ runId, projectId, delayMs: 0 },
      priority: runPriority('sync', index),
    })),
  )
  return rows.length
}
