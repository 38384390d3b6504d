import type { Kysely } from 'kysely'
import type { PipelineId, ProjectId, ProjectToken } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { destinationOf } from './destination-columns.ts'
import type { PipelineDestination } from './pipeline.ts'

/** What reading a pipeline's bucket back takes. */
export interface VerifiablePipeline {
  id: PipelineId
  name: string
  project: { id: ProjectId; token: ProjectToken; timeZone: string }
  /** Null: all events. */
  events: string[] | null
  where: string | null
  isPaused: boolean
  /** Each folder's manifest is in the bucket too. */
  manifest: boolean
  destination: PipelineDestination
}

/** Pipelines of this name that are not canceled: several where several projects have one. */
export async function findVerifiablePipelines(
  db: Kysely<Database>,
  name: string,
  projectId: ProjectId | undefined,
): Promise<VerifiablePipeline[]> {
  const query = db
    .selectFrom('pipeline')
    .innerJoin('project', 'project.id', 'pipeline.project_id')
    .selectAll('pipeline')
    .select(['project.token', 'project.time_zone'])
    .where('pipeline.name', '=', name)
    .where('pipeline.state', '<>', 'removed')
  const rows = await (projectId === undefined ? query : query.where('project_id', '=', projectId)).execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    project: { id: row.project_id, token: row.token, timeZone: row.time_zone },
    events: row.events,
    where: row.where_expression,
    isPaused: row.state === 'paused',
    manifest: row.manifest,
    destination: destinationOf(row),
  }))
}
