import { type Kysely, sql } from 'kysely'
import type { PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { waitingOrWorking } from './run-state.ts'

/** How far a pipeline's exports have come; syncs are not among them. */
export interface PipelineProgress {
  foldersDone: number
  /** Due, and not finished. */
  foldersToDo: number
  /** Nobody tries them again before the pipeline is resumed. */
  foldersFailed: number
  eventsDone: number
  bytesDone: number
  /** What was finished of late; null: nothing was. */
  recent: { folders: number; events: number; bytes: number; sinceMs: number } | null
}

/** A rate is taken over what was finished within so long. */
const recentMs = 10 * 60_000

interface ProgressRow {
  pipeline_id: PipelineId
  done: number
  to_do: number
  failed: number
  events: number
  bytes: number
  recent: number
  recent_events: number
  recent_bytes: number
  recent_since: Date | null
}

/** One pass over each pipeline's runs, along the index run_folder; a pipeline without a run is left out. */
export async function readProgress(
  db: Kysely<Database>,
  pipelineIds: readonly PipelineId[],
  nowMs: number,
): Promise<Map<PipelineId, PipelineProgress>> {
  const { rows } = await sql<ProgressRow>`
    select pipeline_id,
      count(*) filter (where state = 'succeeded')::integer as done,
      count(*) filter (where state = any(${waitingOrWorking}::text[]))::integer as to_do,
      count(*) filter (where state in ('failed', 'timed_out'))::integer as failed,
      coalesce(sum(events) filter (where state = 'succeeded'), 0)::bigint as events,
      coalesce(sum(bytes) filter (where state = 'succeeded'), 0)::bigint as bytes,
      count(*) filter (where is_recent)::integer as recent,
      coalesce(sum(events) filter (where is_recent), 0)::bigint as recent_events,
      coalesce(sum(bytes) filter (where is_recent), 0)::bigint as recent_bytes,
      min(started_at) filter (where is_recent) as recent_since
    from (
      select *, state = 'succeeded' and finished_at > ${new Date(nowMs - recentMs)} as is_recent
      from run
      where pipeline_id = any(${pipelineIds}::bigint[]) and kind = 'export'
    ) export
    group by pipeline_id`.execute(db)
  return new Map(
    rows.map((row) => [
      row.pipeline_id,
      {
        foldersDone: row.done,
        foldersToDo: row.to_do,
        foldersFailed: row.failed,
        eventsDone: row.events,
        bytesDone: row.bytes,
        recent:
          row.recent_since === null
            ? null
            : {
                folders: row.recent,
                events: row.recent_events,
                bytes: row.recent_bytes,
                sinceMs: row.recent_since.getTime(),
              },
      },
    ]),
  )
}
