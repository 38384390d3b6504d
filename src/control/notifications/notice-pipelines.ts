/**
 * Compares what pipelines are now with what the operator was told of them, and puts what has changed into the outbox:
 *
 *   on time ──a folder is too late──▶ late ──none is any more──▶ on time        (pipeline.late, pipeline.caught_up)
 *   going   ──paused by Penstock────▶ held ──goes on───────────▶ going          (pipeline.held, pipeline.resumed)
 *
 * Nothing has to be told at the moment when it happens, so no process that dies can keep it from being told. Any number of
 * processes may look at once: a row of pipeline_notice is made or taken away by one of them.
 */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { LocalHour, PipelineId, ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { addNotifications } from './outbox.ts'

export interface NoticeOptions {
  nowMs: number
  /** After it is due, a folder that is not exported yet is late. */
  lateAfterMs: number
}

/** Of each kind, that one look takes up; the next goes on. */
const noticesMax = 500

/** @returns how many notifications were made */
export async function noticePipelines(db: Kysely<Database>, options: NoticeOptions): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    const found = [
      ...(await findHeld(tx, options)),
      ...(await findResumed(tx)),
      ...(await findLate(tx, options)),
      ...(await findCaughtUp(tx, options)),
    ]
    await addNotifications(tx, found, options.nowMs)
    return found.length
  })
}

interface PipelineRow {
  pipeline_id: PipelineId
  project_id: ProjectId
  name: string
}

function about({ project_id, name }: PipelineRow) {
  return { project_id, pipeline: name }
}

/** From the index pipeline_connection_test. */
async function findHeld(tx: Transaction<Database>, { nowMs }: NoticeOptions) {
  const { rows } = await sql<PipelineRow & { pause_reason: string | null }>`
    with noticed as (
      insert into pipeline_notice (pipeline_id, kind, noticed_at)
      select id, 'held', ${new Date(nowMs)} from pipeline
      where state = 'paused' and next_connection_test_at is not null
        and not exists (select from pipeline_notice told where told.pipeline_id = pipeline.id and told.kind = 'held')
      limit ${noticesMax}
      on conflict do nothing
      returning pipeline_id
    )
    select pipeline_id, project_id, name, pause_reason from noticed join pipeline on pipeline.id = pipeline_id`.execute(
    tx,
  )
  return rows.map((row) => ({
    type: 'pipeline.held' as const,
    data: { ...about(row), reason: row.pause_reason },
  }))
}

/** Of a pipeline that its owner has paused or canceled meanwhile, nothing is told. */
async function findResumed(tx: Transaction<Database>) {
  const { rows } = await sql<PipelineRow & { state: string }>`
    delete from pipeline_notice told using pipeline
    where pipeline.id = told.pipeline_id and told.kind = 'held'
      and not (state = 'paused' and next_connection_test_at is not null)
    returning pipeline_id, project_id, name, state`.execute(tx)
  const resumed = rows.filter(({ state }) => state === 'active')
  return resumed.map((row) => ({ type: 'pipeline.resumed' as const, data: about(row) }))
}

interface LateRow extends PipelineRow {
  due_at: Date
  local_hour: LocalHour
  hours: 1 | 24
}

/** A pipeline is told of once, by its folder that waits longest. From the index run_open. */
async function findLate(tx: Transaction<Database>, { nowMs, lateAfterMs }: NoticeOptions) {
  const { rows } = await sql<LateRow>`
    with late as (
      select distinct on (run.pipeline_id) run.pipeline_id, due_at, local_hour, hours
      from run join pipeline on pipeline.id = run.pipeline_id and pipeline.state = 'active'
      where ${isLate({ nowMs, lateAfterMs })}
        and not exists (
          select from pipeline_notice told where told.pipeline_id = run.pipeline_id and told.kind = 'late'
        )
      order by run.pipeline_id, due_at
      limit ${noticesMax}
    ), noticed as (
      insert into pipeline_notice (pipeline_id, kind, noticed_at)
      select pipeline_id, 'late', ${new Date(nowMs)} from late
      on conflict do nothing
      returning pipeline_id
    )
    select late.*, project_id, name
    from noticed join late using (pipeline_id) join pipeline on pipeline.id = pipeline_id`.execute(tx)
  return rows.map((row) => ({
    type: 'pipeline.late' as const,
    data: { ...about(row), folder: folderName(row), due_at: row.due_at.toISOString() },
  }))
}

async function findCaughtUp(tx: Transaction<Database>, options: NoticeOptions) {
  const { rows } = await sql<PipelineRow & { state: string }>`
    delete from pipeline_notice told using pipeline
    where pipeline.id = told.pipeline_id and told.kind = 'late'
      and (state <> 'active' or not exists (
        select from run where run.pipeline_id = told.pipeline_id and ${isLate(options)}
      ))
    returning pipeline_id, project_id, name, state`.execute(tx)
  const caughtUp = rows.filter(({ state }) => state === 'active')
  return caughtUp.map((row) => ({ type: 'pipeline.caught_up' as const, data: about(row) }))
}

/** Backfills are due long ago from their beginning. */
function isLate({ nowMs, lateAfterMs }: NoticeOptions) {
  return sql`run.state in ('pending', 'running', 'retried') and run.kind = 'export' and not run.backfill
    and run.due_at <= ${new Date(nowMs - lateAfterMs)}`
}

/** `2026-11-24`, or `2026-11-24T05` of an hour, by the project's own wall clock. */
function folderName({ local_hour, hours }: LateRow): string {
  return new Date(local_hour * 3_600_000).toISOString().slice(0, hours === 24 ? 10 : 13)
}
