import { randomBytes } from 'node:crypto'
import type { Insertable, Kysely } from 'kysely'
import type { Database } from '../../src/control/db/tables.ts'
import type { PipelineTable } from '../../src/control/pipelines/pipeline-tables.ts'
import type { RunTable } from '../../src/control/runs/run-tables.ts'
import type { LocalHour, PipelineId, ProjectId, ProjectToken, RunId } from '../../src/ids.ts'

/** Rows put straight into the tables, for tests that are about what becomes of them. */
export async function insertProject(db: Kysely<Database>, timeZone = 'UTC'): Promise<ProjectId> {
  const { id } = await db
    .insertInto('project')
    .values({
      name: 'a project',
      token: randomBytes(16).toString('hex') as ProjectToken,
      api_secret_hash: randomBytes(32),
      time_zone: timeZone,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function insertPipeline(
  db: Kysely<Database>,
  projectId: ProjectId,
  columns: Partial<Insertable<PipelineTable>> = {},
): Promise<PipelineId> {
  const { id } = await db
    .insertInto('pipeline')
    .values({
      project_id: projectId,
      name: `events-daily-s3-raw-${randomBytes(4).toString('hex')}`,
      state: 'active',
      trial: false,
      frequency: 'daily',
      from_date: '2024-01-01',
      to_date: null,
      events: null,
      sync: true,
      s3_bucket: 'acme-raw',
      s3_region: 'us-west-2',
      s3_prefix: null,
      s3_role: 'arn:aws:iam::222222222222:role/export',
      s3_encryption: 'none',
      s3_kms_key_id: null,
      next_local_hour: null,
      next_due_at: null,
      next_sync_at: columns.sync === false ? null : new Date(0),
      last_dispatched_at: null,
      pause_reason: null,
      refusals: 0,
      created_at: new Date(0),
      ...columns,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function insertRun(
  db: Kysely<Database>,
  pipelineId: PipelineId,
  columns: Partial<{ [Column in Exclude<keyof RunTable, 'id'>]: unknown }> = {},
): Promise<RunId> {
  const { id } = await db
    .insertInto('run')
    .values({
      pipeline_id: pipelineId,
      local_hour: 473_352 as LocalHour,
      hours: 24,
      kind: 'export',
      backfill: false,
      state: 'pending',
      due_at: new Date(0),
      not_before: new Date(0),
      worker_id: null,
      lease_until: null,
      snapshot_commit: null,
      started_at: null,
      finished_at: null,
      files: null,
      events: null,
      bytes: null,
      error_code: null,
      error_message: null,
      created_at: new Date(0),
      ...(columns as object),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** What the table says of a run. */
export function readRun(db: Kysely<Database>, runId: RunId) {
  return db.selectFrom('run').selectAll().where('id', '=', runId).executeTakeFirstOrThrow()
}
