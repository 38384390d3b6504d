/** What has become of a pipeline's folders, one by one or summed up by days or months: any number of them in one statement. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunError } from '../runs/held-run.ts'

export type CellSize = 'folder' | 'day' | 'month'
/** Of folders that were planned; `late_pending`: it is delivered, and events came in since that are not. */
type PlannedState = 'failed' | 'running' | 'late_pending' | 'pending' | 'delivered'

export interface SummaryRange {
  pipelineId: PipelineId
  hours: 1 | 24
  fromHour: LocalHour
  /** Exclusive. */
  toHour: LocalHour
  size: CellSize
  /** The newest commit that brought events of each hour, as far as there are any. */
  newest: { hours: readonly number[]; commits: readonly CommitNumber[] }
}

/** Folders of one cell that are in one state. */
export interface FolderSummary {
  /** The first hour of the cell: of the folder, the day or the month. */
  cellHour: LocalHour
  state: PlannedState
  folders: number
  events: number
  bytes: number
  files: number
  duplicates: number
  /** Of several the last. */
  exportedAtMs: number | null
  syncedAtMs: number | null
  /** Of one folder that failed, or waits after a failure; of several, of one of them. */
  error: RunError | null
}

interface SummaryRow {
  cell_hour: LocalHour
  state: PlannedState
  folders: number
  events: number
  bytes: number
  files: number
  duplicates: number
  exported_at: Date | null
  synced_at: Date | null
  error_code: string | null
  error_message: string | null
}

/** Folders of the range that were planned, in order. Runs come by the index run_folder, folders and files by their keys. */
export async function summarizeFolders(db: Kysely<Database>, range: SummaryRange): Promise<FolderSummary[]> {
  const { pipelineId, hours, fromHour, toHour, size, newest } = range
  const inRange = (table: string) =>
    sql`${sql.ref(`${table}.pipeline_id`)} = ${pipelineId}
      and ${sql.ref(`${table}.local_hour`)} >= ${fromHour} and ${sql.ref(`${table}.local_hour`)} < ${toHour}`
  const { rows } = await sql<SummaryRow>`
    with newest as (
      select hour - hour % ${hours}::integer as local_hour, max(commit_number) as commit_number
      from unnest(${newest.hours}::integer[], ${newest.commits}::bigint[]) as grown (hour, commit_number)
      group by 1
    ), runs as (
      select local_hour,
        bool_or(state in ('failed', 'timed_out')) as failed,
        bool_or(state = 'running') as running,
        bool_or(kind = 'export' and state in ('pending', 'retried')) as export_waits,
        bool_or(kind = 'sync' and state in ('pending', 'retried')) as sync_waits,
        (array_agg(error_code order by finished_at desc) filter (where error_code is not null))[1] as error_code,
        (array_agg(error_message order by finished_at desc) filter (where error_code is not null))[1] as error_message
      from run where ${inRange('run')}
      group by local_hour
    ), files as (
      select local_hour, count(*) as files, sum(events) as events, sum(byte_length) as bytes
      from folder_file where ${inRange('folder_file')}
      group by local_hour
    ), each_folder as (
      select runs.local_hour, error_code, error_message, exported_at,
        synced_at[cardinality(synced_at)] as synced_at,
        files.files, files.events, files.bytes, folder.duplicates,
        case
          when failed then 'failed'
          when running then 'running'
          when folder.local_hour is null or export_waits then 'pending'
          when sync_waits or newest.commit_number > folder.seen_commit then 'late_pending'
          else 'delivered'
        end as state
      from runs
      left join folder on ${inRange('folder')} and folder.local_hour = runs.local_hour
      left join files on files.local_hour = runs.local_hour
      left join newest on newest.local_hour = runs.local_hour
    )
    select ${cellOf[size]}::integer as cell_hour, state,
      count(*)::integer as folders,
      coalesce(sum(events), 0)::bigint as events,
      coalesce(sum(bytes), 0)::bigint as bytes,
      coalesce(sum(files), 0)::bigint as files,
      coalesce(sum(duplicates), 0)::bigint as duplicates,
      max(exported_at) as exported_at,
      max(synced_at) as synced_at,
      max(error_code) as error_code,
      max(error_message) as error_message
    from each_folder
    group by 1, 2
    order by 1`.execute(db)
  return rows.map((row) => ({
    cellHour: row.cell_hour,
    state: row.state,
    folders: row.folders,
    events: row.events,
    bytes: row.bytes,
    files: row.files,
    duplicates: row.duplicates,
    exportedAtMs: row.exported_at?.getTime() ?? null,
    syncedAtMs: row.synced_at?.getTime() ?? null,
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  }))
}

const cellOf: Record<CellSize, RawBuilder<number>> = {
  folder: sql`local_hour`,
  day: sql`local_hour - local_hour % 24`,
  month: sql`(date_trunc('month', date '1970-01-01' + local_hour / 24)::date - date '1970-01-01') * 24`,
}
