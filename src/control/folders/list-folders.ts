import { type Kysely, sql } from 'kysely'
import type { LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { waitingOrWorking } from '../runs/run-state.ts'

/** A folder of a pipeline, as far as it has come. */
export interface ListedFolder {
  localHour: LocalHour
  hours: 1 | 24
  /**
   * `finished`: it is in the bucket, and nobody works on it. `pending`: a run waits or works. `failed`: nobody will try
   * again before the pipeline is resumed.
   */
  state: 'finished' | 'pending' | 'failed'
}

/** Folders whose first hour lies in the range, the oldest first. */
export async function listFolders(
  db: Kysely<Database>,
  pipelineId: PipelineId,
  { fromHour, toHour }: { fromHour: LocalHour; toHour: LocalHour },
): Promise<ListedFolder[]> {
  const { rows } = await sql<{ local_hour: LocalHour; hours: 1 | 24; state: ListedFolder['state'] }>`
    select local_hour, hours,
      case
        when bool_or(state = any(${waitingOrWorking}::text[])) then 'pending'
        when exists (
          select from folder where folder.pipeline_id = ${pipelineId} and folder.local_hour = run.local_hour
        ) then 'finished'
        else 'failed'
      end as state
    from run
    where pipeline_id = ${pipelineId} and local_hour >= ${fromHour} and local_hour < ${toHour}
    group by local_hour, hours
    order by local_hour`.execute(db)
  return rows.map(({ local_hour, hours, state }) => ({ localHour: local_hour, hours, state }))
}
