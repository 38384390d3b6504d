import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId, ProjectId, ProjectToken, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { type DestinationColumns, destinationOf } from '../pipelines/destination-columns.ts'
import type { PipelineDestination } from '../pipelines/pipeline.ts'
import type { RunHold } from './held-run.ts'
import { type RunContents, readContents } from './run-contents.ts'
import { type RunKind, transition } from './run-state.ts'

/** A run in a worker's hands, with all that exporting its folder needs. */
export interface ClaimedRun extends RunHold {
  project: { id: ProjectId; token: ProjectToken; timeZone: string }
  pipeline: {
    id: PipelineId
    name: string
    /** Null: all events. */
    events: string[] | null
    /** Null: every one of them. */
    where: string | null
    /** Each folder's manifest goes into the bucket too. */
    manifest: boolean
    destination: PipelineDestination
  }
  kind: RunKind
  folder: { localHour: LocalHour; hours: 1 | 24 }
  /** What an earlier attempt has fixed. */
  snapshotCommit: CommitNumber | null
  contents: RunContents | undefined
}

export interface ClaimOptions {
  runId: RunId
  workerId: string
  leaseMs: number
  nowMs: number
  /** Runs of one project in all workers' hands; undefined: no bound. */
  projectRunsMax?: number | undefined
}

interface ClaimedRow extends DestinationColumns {
  attempt: number
  kind: RunKind
  local_hour: LocalHour
  hours: 1 | 24
  snapshot_commit: CommitNumber | null
  contents: unknown
  project_id: ProjectId
  token: ProjectToken
  time_zone: string
  pipeline_id: PipelineId
  name: string
  events: string[] | null
  where_expression: string | null
  manifest: boolean
}

/**
 * Takes a run that is due, or running under a lease that has run out, for one attempt. Undefined when there is
 * nothing to take: another worker was first, the pipeline is paused, the wait after a failure isn't over, the run is
 * finished. Of any number of workers that try at once, one gets it.
 */
export async function claimRun(db: Kysely<Database>, options: ClaimOptions): Promise<ClaimedRun | undefined> {
  const { projectRunsMax } = options
  if (projectRunsMax === undefined) return await claimFree(db, options)
  return await db.transaction().execute(async (tx) => {
    // Claims of one project's runs take turns, so that each counts what those before it took.
    await sql`
      select pg_advisory_xact_lock(hashtextextended('runs of project ' || pipeline.project_id, 0))
      from run join pipeline on pipeline.id = run.pipeline_id where run.id = ${options.runId}`.execute(tx)
    const isLeft = sql`(
      select count(*) from run held
      join pipeline holder on holder.id = held.pipeline_id
      where held.lease_until >= ${new Date(options.nowMs)}
        and held.id <> run.id
        and holder.project_id = pipeline.project_id
    ) < ${projectRunsMax}`
    return await claimFree(tx, options, isLeft)
  })
}

async function claimFree(
  db: Kysely<Database>,
  options: ClaimOptions,
  isLeft: RawBuilder<unknown> = sql`true`,
): Promise<ClaimedRun | undefined> {
  const { from, to } = transition('claim')
  const now = new Date(options.nowMs)
  // Two claims meet at the run's row: the second waits, then finds the state and lease that the first has set.
  // `busy`: another run of the folder, or a canceled pipeline's worker that has not let go of it yet.
  // Found by run_lease: only runs in somebody's hands have a lease.
  const { rows } = await sql<ClaimedRow>`
    update run
    set state = ${to},
        attempt = run.attempt + 1,
        failures = run.failures + (run.state = 'running')::integer,
        worker_id = ${options.workerId},
        lease_until = ${new Date(options.nowMs + options.leaseMs)},
        started_at = ${now},
        finished_at = null,
        files = null,
        events = null,
        bytes = null,
        step = 'planning'
    from pipeline
    join project on project.id = pipeline.project_id
    where run.id = ${options.runId}
      and pipeline.id = run.pipeline_id
      and pipeline.state = 'active'
      and run.state in (${sql.join(from)})
      and run.not_before <= ${now}
      and (run.state <> 'running' or run.lease_until < ${now})
      and not exists (
        select from run busy
        join pipeline writer on writer.id = busy.pipeline_id
        where busy.lease_until >= ${now}
          and busy.id <> run.id
          and busy.local_hour = run.local_hour
          and busy.hours = run.hours
          and writer.project_id = pipeline.project_id
          and writer.s3_bucket = pipeline.s3_bucket
          and writer.s3_prefix is not distinct from pipeline.s3_prefix
      )
      and ${isLeft}
    returning run.attempt, run.kind, run.local_hour, run.hours, run.snapshot_commit, run.contents,
      project.id as project_id, project.token, project.time_zone,
      pipeline.id as pipeline_id, pipeline.name, pipeline.events, pipeline.where_expression, pipeline.manifest,
      pipeline.s3_bucket, pipeline.s3_region, pipeline.s3_prefix, pipeline.s3_role,
      pipeline.s3_encryption, pipeline.s3_kms_key_id`.execute(db)
  return rows[0] === undefined ? undefined : claimedRun(options, rows[0])
}

function claimedRun({ runId, workerId }: ClaimOptions, row: ClaimedRow): ClaimedRun {
  return {
    runId,
    workerId,
    attempt: row.attempt,
    kind: row.kind,
    project: { id: row.project_id, token: row.token, timeZone: row.time_zone },
    pipeline: {
      id: row.pipeline_id,
      name: row.name,
      events: row.events,
      where: row.where_expression,
      manifest: row.manifest,
      destination: destinationOf(row),
    },
    folder: { localHour: row.local_hour, hours: row.hours },
    snapshotCommit: row.snapshot_commit,
    contents: readContents(row.snapshot_commit, row.contents),
  }
}
