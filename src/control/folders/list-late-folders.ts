import { type Kysely, sql } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId, ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

export interface LateFolder {
  pipelineId: PipelineId
  localHour: LocalHour
  hours: 1 | 24
}

/** Of one look: of more, the newest. */
const foldersMax = 100

/**
 * Delivered folders of these pipelines that events have come for since they were written.
 * @param arrived one place a list for each hour: whose it is, and the newest commit that brought events of it
 */
export async function listLateFolders(
  db: Kysely<Database>,
  pipelineIds: readonly PipelineId[],
  arrived: { projects: readonly ProjectId[]; hours: readonly LocalHour[]; commits: readonly CommitNumber[] },
): Promise<LateFolder[]> {
  const { projects, hours, commits } = arrived
  // Folders come by their key.
  const { rows } = await sql<LateFolder>`
    select distinct folder.pipeline_id as "pipelineId", folder.local_hour as "localHour", folder.hours
    from unnest(${projects}::integer[], ${hours}::integer[], ${commits}::bigint[])
      as arrived (project_id, hour, commit_number)
    join pipeline on pipeline.project_id = arrived.project_id and pipeline.id = any(${pipelineIds}::bigint[])
    join folder on folder.pipeline_id = pipeline.id
      and folder.local_hour = case pipeline.frequency when 'daily' then hour - hour % 24 else hour end
      and folder.seen_commit < arrived.commit_number
    order by folder.local_hour desc
    limit ${foldersMax}`.execute(db)
  return rows
}
