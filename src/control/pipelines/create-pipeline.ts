import { type Kysely, sql, type Transaction } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { PipelineId, ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { dateAt, firstHourOf } from './calendar-date.ts'
import { checkRequest, type ExistingPipeline, type PipelineLimits } from './check-request.ts'
import { trustTestEveryMs } from './due-destination-tests.ts'
import type { PipelineRequest, SettledRequest } from './pipeline-request.ts'
import { planRuns } from './plan-runs.ts'
import { settleDates } from './settle-dates.ts'

export interface CreateOptions {
  projectId: ProjectId
  request: PipelineRequest
  limits: PipelineLimits
  /** What is known of its role; null: nothing is wrong with it, or it was not asked. */
  trustWarning?: string | null
  /** The role was tried as one that no other project has: where one has got it meanwhile, nothing is created. */
  roleIsOwn?: boolean
  nowMs: number
}

/**
 * Creates a pipeline with the runs of every day or hour that is due already, and returns its name.
 * @throws PenstockError for dates out of bounds, a limit of the project, or folders that another pipeline writes; and
 * `PIPELINE_ROLE_TAKEN`, see `roleIsOwn`
 */
export async function createPipeline(
  db: Kysely<Database>,
  jobs: RunNudges,
  { projectId, request: asked, limits, trustWarning = null, roleIsOwn = false, nowMs }: CreateOptions,
): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const timeZone = await lockProject(tx, projectId)
    const existing = await existingPipelines(tx, projectId)
    const today = dateAt(timeZone, nowMs)
    const request = settleDates(asked, today)
    const refusal = checkRequest(request, existing, limits, today)
    if (refusal !== undefined) throw refusal
    const name = freeName(request, existing)
    const nextLocalHour = firstHourOf(request.fromDate)
    const { destination } = request
    if (roleIsOwn) await refuseTakenRole(tx, projectId, destination.roleArn)
    const { id } = await tx
      .insertInto('pipeline')
      .values({
        project_id: projectId,
        name,
        state: 'active',
        trial: request.trial,
        frequency: request.frequency,
        from_date: request.fromDate,
        to_date: request.toDate,
        events: request.events,
        where_expression: request.where,
        sync: request.sync,
        manifest: request.manifest,
        s3_bucket: destination.bucket,
        s3_region: destination.region,
        s3_prefix: destination.prefix,
        s3_role: destination.roleArn,
        s3_encryption: destination.encryption,
        s3_kms_key_id: destination.kmsKeyId,
        next_local_hour: null,
        next_due_at: null,
        next_sync_at: request.sync ? new Date(nowMs) : null,
        last_dispatched_at: null,
        next_trust_test_at: new Date(nowMs + trustTestEveryMs),
        trust_warning: trustWarning,
        pause_reason: null,
        refusals: 0,
        created_at: new Date(nowMs),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { frequency, toDate } = request
    const pipeline = { id, projectId, timeZone, frequency, toDate, nextLocalHour, createdAtMs: nowMs }
    await planRuns(tx, jobs, pipeline, nowMs)
    return name
  })
}

/**
 * Throws what would be thrown for this request now, and makes nothing: for whoever has something slow to do before the
 * pipeline is made.
 */
export async function refuseImpossible(
  db: Kysely<Database>,
  { projectId, request, limits, nowMs }: CreateOptions,
): Promise<void> {
  const project = await db
    .selectFrom('project')
    .select('time_zone')
    .where('id', '=', projectId)
    .executeTakeFirst()
  if (project === undefined) throw projectGone(projectId)
  const existing = await existingPipelines(db, projectId)
  const today = dateAt(project.time_zone, nowMs)
  const refusal = checkRequest(settleDates(request, today), existing, limits, today)
  if (refusal !== undefined) throw refusal
}

/**
 * Whether another project has a pipeline with this role. Read from the index pipeline_role.
 * @param before only pipelines that were made before this one count
 */
export async function isRoleOfOther(
  db: Kysely<Database>,
  projectId: ProjectId,
  roleArn: string,
  before?: PipelineId,
): Promise<boolean> {
  const other = await db
    .selectFrom('pipeline')
    .select('id')
    .where('s3_role', '=', roleArn)
    .where('project_id', '<>', projectId)
    .where('state', '<>', 'removed')
    .$if(before !== undefined, (query) => query.where('id', '<', before as PipelineId))
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

/** Creates with one role take turns, whatever their projects: of two at once the second finds the first's pipeline. */
async function refuseTakenRole(
  tx: Transaction<Database>,
  projectId: ProjectId,
  roleArn: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`pipeline role ${roleArn}`}, 0))`.execute(tx)
  if (!(await isRoleOfOther(tx, projectId, roleArn))) return
  throw new PenstockError(
    'caller',
    'PIPELINE_ROLE_TAKEN',
    `another project has made a pipeline with role ${roleArn} meanwhile; try again`,
    { retryable: true },
  )
}

/** Creates of one project take turns, so that each sees what the one before made: limits hold however many come. */
async function lockProject(tx: Transaction<Database>, projectId: ProjectId): Promise<string> {
  const project = await tx
    .selectFrom('project')
    .select('time_zone')
    .where('id', '=', projectId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (project === undefined) throw projectGone(projectId)
  return project.time_zone
}

function projectGone(projectId: ProjectId): PenstockError {
  return new PenstockError('caller', 'PIPELINE_PROJECT_GONE', `project ${projectId} was deleted meanwhile`)
}

async function existingPipelines(tx: Kysely<Database>, projectId: ProjectId): Promise<ExistingPipeline[]> {
  return tx
    .selectFrom('pipeline')
    .select(['name', 'trial', 'frequency', 'from_date as fromDate', 'to_date as toDate'])
    .select(['s3_bucket as bucket', 's3_prefix as prefix'])
    .where('project_id', '=', projectId)
    .where('state', '<>', 'removed')
    .orderBy('id')
    .execute()
}

/** Like Mixpanel's own, with a number where the name is taken; a removed pipeline's is free again. */
function freeName({ trial, frequency }: SettledRequest, existing: readonly ExistingPipeline[]): string {
  const base = `${trial ? 'trial-' : ''}events-${frequency}-s3-raw`
  const taken = new Set(existing.map((pipeline) => pipeline.name))
  if (!taken.has(base)) return base
  let number = 2
  while (taken.has(`${base}-${number}`)) number++
  return `${base}-${number}`
}
