/**
 * Destinations that are to be tried again: daily, whether the role still demands its external ID; and of a pipeline that
 * Penstock has paused, at growing intervals, whether its connection test passes by now.
 */

import { type Kysely, sql } from 'kysely'
import type { PipelineId, ProjectId, ProjectToken } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { type DestinationColumns, destinationOf } from './destination-columns.ts'
import type { PipelineDestination } from './pipeline.ts'

export interface WatchedPipeline {
  id: PipelineId
  projectId: ProjectId
  name: string
  /** The project's. */
  token: ProjectToken
  destination: PipelineDestination
}

export const trustTestEveryMs = 24 * 3_600_000
/** After a test that could not find out. */
const trustTestAgainMs = 3_600_000

const retestFirstMs = 5 * 60_000
const retestMaxMs = 6 * 3_600_000

/**
 * When the connection test of a pipeline that is paused now is due: five minutes from now, or twice as long for each test
 * since a run got through, and six hours at most.
 */
export function nextConnectionTest(nowMs: number) {
  return sql<Date>`${new Date(nowMs)}::timestamptz + interval '1 millisecond'
    * least(${retestMaxMs}::float8, ${retestFirstMs}::float8 * power(2, least(connection_tests, 20)))`
}

/**
 * The pipeline whose trust test is longest due, if one is. The next is due in a day, whatever becomes of this one: a
 * process that dies at it must not make others try the same again and again.
 */
export function claimTrustTest(db: Kysely<Database>, nowMs: number): Promise<WatchedPipeline | undefined> {
  const now = new Date(nowMs)
  return claim(
    db,
    // From the index pipeline_trust_test; what another process is at is left to it.
    sql`update pipeline set next_trust_test_at = ${new Date(nowMs + trustTestEveryMs)}
      where id = (
        select id from pipeline where state = 'active' and next_trust_test_at <= ${now}
        order by next_trust_test_at limit 1 for no key update skip locked
      )`,
  )
}

/** The paused pipeline whose connection test is longest due, if one is. The next is due after a longer wait. */
export async function claimConnectionTest(
  db: Kysely<Database>,
  nowMs: number,
): Promise<WatchedPipeline | undefined> {
  const now = new Date(nowMs)
  return claim(
    db,
    // From the index pipeline_connection_test.
    sql`update pipeline set connection_tests = connection_tests + 1,
        next_connection_test_at = ${nextConnectionTest(nowMs)}
      where id = (
        select id from pipeline where state = 'paused' and next_connection_test_at <= ${now}
        order by next_connection_test_at limit 1 for no key update skip locked
      )`,
  )
}

interface WatchedRow extends DestinationColumns {
  id: PipelineId
  project_id: ProjectId
  name: string
  token: ProjectToken
}

async function claim(
  db: Kysely<Database>,
  update: ReturnType<typeof sql>,
): Promise<WatchedPipeline | undefined> {
  const { rows } = await sql<WatchedRow>`
    with claimed as (${update} returning pipeline.*)
    select claimed.id, project_id, claimed.name, project.token, s3_bucket, s3_region, s3_prefix, s3_role,
      s3_encryption, s3_kms_key_id
    from claimed join project on project.id = claimed.project_id`.execute(db)
  const [row] = rows
  if (row === undefined) return undefined
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    token: row.token,
    destination: destinationOf(row),
  }
}

/** @param warning what the test found; null: nothing */
export async function recordTrust(
  db: Kysely<Database>,
  id: PipelineId,
  warning: string | null,
): Promise<void> {
  await db.updateTable('pipeline').set({ trust_warning: warning }).where('id', '=', id).execute()
}

/** The test could not find out: what is known stays, and it is made again before the day is over. */
export async function postponeTrust(db: Kysely<Database>, id: PipelineId, nowMs: number): Promise<void> {
  const again = new Date(nowMs + trustTestAgainMs)
  await db.updateTable('pipeline').set({ next_trust_test_at: again }).where('id', '=', id).execute()
}

/** Pauses an active pipeline until its connection test passes. */
export async function holdPipeline(
  db: Kysely<Database>,
  id: PipelineId,
  { reason, nowMs }: { reason: string; nowMs: number },
): Promise<void> {
  await db
    .updateTable('pipeline')
    .set({
      state: 'paused',
      pause_reason: reason,
      next_connection_test_at: nextConnectionTest(nowMs),
    })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .execute()
}

/** Why the pipeline is still paused. Does nothing once its owner has done something about it. */
export async function recordRefusedTest(db: Kysely<Database>, id: PipelineId, reason: string): Promise<void> {
  await db
    .updateTable('pipeline')
    .set({ pause_reason: reason })
    .where('id', '=', id)
    .where('state', '=', 'paused')
    .where('next_connection_test_at', 'is not', null)
    .execute()
}
