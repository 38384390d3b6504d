import { type Kysely, sql } from 'kysely'
import type { LocalHour, PipelineId, ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunError } from '../runs/held-run.ts'
import { type DestinationColumns, destinationOf } from './destination-columns.ts'
import type { Frequency, PipelineDestination, PipelineState } from './pipeline.ts'

export interface PipelineOverview {
  id: PipelineId
  name: string
  state: Exclude<PipelineState, 'removed'>
  trial: boolean
  frequency: Frequency
  /** `YYYY-MM-DD`. */
  fromDate: string
  /** Null: it goes on for ever. */
  toDate: string | null
  /** The first folder that is not planned yet; null: all are. */
  nextLocalHour: LocalHour | null
  sync: boolean
  /** Each folder's manifest is in the bucket too. */
  manifest: boolean
  destination: PipelineDestination
  /** Null: all events. */
  events: string[] | null
  where: string | null
  /** Folders that were due when it was created are still on their way. */
  isBackfilling: boolean
  lastDispatchedAtMs: number | null
  /** Null unless Penstock itself paused it. */
  pauseReason: string | null
  /** What is wrong with its role, and what to do about it. */
  trustWarning: string | null
  /** Of the run that failed last and has not got through since; null when none stands so. */
  lastError: RunError | null
}

/** A project's pipelines, the oldest first. */
export function listPipelines(db: Kysely<Database>, projectId: ProjectId): Promise<PipelineOverview[]> {
  return selectPipelines(db, projectId)
}

/** A pipeline by its name, if the project has it. */
export async function findPipeline(
  db: Kysely<Database>,
  projectId: ProjectId,
  name: string,
): Promise<PipelineOverview | undefined> {
  const [pipeline] = await selectPipelines(db, projectId, name)
  return pipeline
}

interface OverviewRow extends DestinationColumns {
  id: PipelineId
  name: string
  state: PipelineOverview['state']
  trial: boolean
  frequency: Frequency
  from_date: string
  to_date: string | null
  next_local_hour: LocalHour | null
  sync: boolean
  manifest: boolean
  events: string[] | null
  where_expression: string | null
  is_backfilling: boolean
  last_dispatched_at: Date | null
  pause_reason: string | null
  trust_warning: string | null
  error_code: string | null
  error_message: string | null
}

async function selectPipelines(
  db: Kysely<Database>,
  projectId: ProjectId,
  name?: string,
): Promise<PipelineOverview[]> {
  // A project has a handful of pipelines: the index pipeline_name gives them, run_folder their runs.
  const { rows } = await sql<OverviewRow>`
    select id, name, state, trial, frequency, from_date, to_date, next_local_hour, sync, manifest, events, where_expression, last_dispatched_at, pause_reason,
      trust_warning, s3_bucket, s3_region, s3_prefix, s3_role, s3_encryption, s3_kms_key_id, error_code, error_message,
      exists (
        select from run
        where run.pipeline_id = pipeline.id and run.backfill and run.state in ('pending', 'running', 'retried')
      ) as is_backfilling
    from pipeline
    left join lateral (
      select error_code, error_message from run
      where run.pipeline_id = pipeline.id and run.state in ('failed', 'timed_out', 'retried')
      order by finished_at desc
      limit 1
    ) failure on true
    where project_id = ${projectId}
      and state <> 'removed'
      and (${name ?? null}::text is null or name = ${name ?? null})
    order by id`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: row.state,
    trial: row.trial,
    frequency: row.frequency,
    fromDate: row.from_date,
    toDate: row.to_date,
    nextLocalHour: row.next_local_hour,
    sync: row.sync,
    manifest: row.manifest,
    destination: destinationOf(row),
    events: row.events,
    where: row.where_expression,
    isBackfilling: row.is_backfilling,
    lastDispatchedAtMs: row.last_dispatched_at?.getTime() ?? null,
    pauseReason: row.pause_reason,
    trustWarning: row.trust_warning,
    lastError: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  }))
}
