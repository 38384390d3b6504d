import type { Kysely } from 'kysely'
import type { PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { PipelineName } from './change-pipeline.ts'
import { destinationOf } from './destination-columns.ts'
import type { PipelineDestination } from './pipeline.ts'
import { pipelineUnknown, trialNotEdited } from './pipeline-errors.ts'

export interface EditablePipeline {
  id: PipelineId
  destination: PipelineDestination
}

/**
 * For whoever has something slow to do before a pipeline is edited.
 * @throws PenstockError what editing it throws now
 */
export async function findEditablePipeline(
  db: Kysely<Database>,
  { projectId, name }: PipelineName,
): Promise<EditablePipeline> {
  const row = await db
    .selectFrom('pipeline')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .where('state', '<>', 'removed')
    .executeTakeFirst()
  if (row === undefined) throw pipelineUnknown(name)
  if (row.trial) throw trialNotEdited(name)
  return { id: row.id, destination: destinationOf(row) }
}
