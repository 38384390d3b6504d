import { type Kysely, type Selectable, sql } from 'kysely'
import { Temporal } from 'temporal-polyfill'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId, ProjectToken } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { hashSecret, newApiSecret, newToken } from './credentials.ts'
import type { ProjectTable } from './project-tables.ts'
import { projectUnknown } from './project-unknown.ts'
import { type OwnQuota, ownQuotaOf, quotaColumns } from './quota.ts'

const nameLengthMax = 255

export interface CreatedProject {
  projectId: ProjectId
  token: ProjectToken
  /** Known to nobody but the caller from here on. */
  apiSecret: string
}

export interface NewProject {
  name: string
  timeZone: string
  cutsStrings?: boolean
}

/** @throws PenstockError when the name or the zone is not allowed */
export async function createProject(
  db: Kysely<Database>,
  { name, timeZone, cutsStrings = false }: NewProject,
): Promise<CreatedProject> {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > nameLengthMax) {
    throw new PenstockError(
      'caller',
      'PROJECT_NAME_INVALID',
      `a project's name has 1 to ${nameLengthMax} characters; this one has ${trimmed.length}`,
    )
  }
  const token = newToken()
  const apiSecret = newApiSecret()
  const { id } = await db
    // Whoever makes a project has set Penstock up: nobody else is to do so in the console.
    .with('closed', (also) => also.deleteFrom('setup_token').returning('token_hash'))
    .insertInto('project')
    .values({
      name: trimmed,
      token,
      api_secret_hash: hashSecret(apiSecret),
      time_zone: parseTimeZone(timeZone),
      cuts_strings: cutsStrings,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { projectId: id, token, apiSecret }
}

/** The name as the IANA database spells it; fixed offsets (`+05:30`) are no zones: they know no summer time. */
export function parseTimeZone(text: string): string {
  try {
    if (!/^[A-Za-z]/.test(text)) throw new RangeError('not a name')
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId
  } catch (cause) {
    throw new PenstockError(
      'caller',
      'PROJECT_TIME_ZONE_INVALID',
      `time zone ${JSON.stringify(text.slice(0, 64))} is unknown; it must be an IANA name like Europe/Berlin or UTC`,
      { cause },
    )
  }
}

export interface ListedProject {
  projectId: ProjectId
  name: string
  token: ProjectToken
  timeZone: string
  cutsStrings: boolean
  createdAt: Date
}

export async function listProjects(db: Kysely<Database>): Promise<ListedProject[]> {
  const rows = await selectProjects(db).orderBy('id').execute()
  return rows.map(listedProject)
}

const listedColumns = ['id', 'name', 'token', 'time_zone', 'cuts_strings', 'created_at'] as const

function selectProjects(db: Kysely<Database>) {
  return db.selectFrom('project').select(listedColumns)
}

function listedProject(row: Pick<Selectable<ProjectTable>, (typeof listedColumns)[number]>): ListedProject {
  return {
    projectId: row.id,
    name: row.name,
    token: row.token,
    timeZone: row.time_zone,
    cutsStrings: row.cuts_strings,
    createdAt: row.created_at,
  }
}

export interface ShownProject extends ListedProject {
  quota: OwnQuota
}

/** @throws PenstockError `PROJECT_UNKNOWN` */
export async function showProject(db: Kysely<Database>, projectId: ProjectId): Promise<ShownProject> {
  const row = await selectProjects(db)
    .select(quotaColumns)
    .where('project.id', '=', projectId)
    .executeTakeFirst()
  if (row === undefined) throw projectUnknown(projectId)
  return { ...listedProject(row), quota: ownQuotaOf(row) }
}

/** @throws PenstockError `PROJECT_UNKNOWN` */
export async function findProjectToken(db: Kysely<Database>, projectId: ProjectId): Promise<ProjectToken> {
  const row = await db.selectFrom('project').select('token').where('id', '=', projectId).executeTakeFirst()
  if (row === undefined) throw projectUnknown(projectId)
  return row.token
}

/** Whether long strings in the events that come in from now on are cut; those that are stored stay as they are. */
export async function setCutsStrings(
  db: Kysely<Database>,
  projectId: ProjectId,
  cutsStrings: boolean,
): Promise<void> {
  const result = await db
    .updateTable('project')
    .set({ cuts_strings: cutsStrings })
    .where('id', '=', projectId)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw projectUnknown(projectId)
}

/** Gives a project a new API secret; the old one is refused from the next look-up on. */
export async function rotateSecret(db: Kysely<Database>, projectId: ProjectId): Promise<string> {
  const apiSecret = newApiSecret()
  const result = await db
    .updateTable('project')
    .set({ api_secret_hash: hashSecret(apiSecret) })
    .where('id', '=', projectId)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw projectUnknown(projectId)
  return apiSecret
}

/**
 * Removes a project with its pipelines and runs; what was exported stays in the buckets. Refused while a pipeline is
 * there, so that nobody's export ends by a slip.
 */
export async function deleteProject(db: Kysely<Database>, projectId: ProjectId): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Creating a pipeline locks this row too, so none can be created in between.
    const project = await tx
      .selectFrom('project')
      .select('id')
      .where('id', '=', projectId)
      .forUpdate()
      .executeTakeFirst()
    if (project === undefined) throw projectUnknown(projectId)
    const pipelines = await tx
      .selectFrom('pipeline')
      .select('name')
      .where('project_id', '=', projectId)
      .where('state', '<>', 'removed')
      // A trial can't be canceled: it ends with its project.
      .where('trial', '=', false)
      .execute()
    if (pipelines.length > 0) {
      throw new PenstockError(
        'caller',
        'PROJECT_HAS_PIPELINES',
        `project ${projectId} still has ${pipelines.map(({ name }) => name).join(', ')}: cancel them first`,
      )
    }
    await tx.deleteFrom('pipeline').where('project_id', '=', projectId).execute()
    await tx.deleteFrom('rate_bucket').where('project_id', '=', projectId).execute()
    await tx.deleteFrom('project_turn').where('project_id', '=', projectId).execute()
    await sql`delete from project_usage where project_id = ${projectId}`.execute(tx)
    await tx.deleteFrom('project').where('id', '=', projectId).execute()
  })
}
