import type { Kysely } from 'kysely'
import type { LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

/** When a folder was exported first, and when late events were added to it; undefined: it was never finished. */
export async function readFolderTimes(
  db: Kysely<Database>,
  { pipelineId, localHour }: { pipelineId: PipelineId; localHour: LocalHour },
): Promise<{ exportedAtMs: number; syncedAtMs: number[] } | undefined> {
  const row = await db
    .selectFrom('folder')
    .select(['exported_at', 'synced_at'])
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .executeTakeFirst()
  return (
    row && {
      exportedAtMs: row.exported_at.getTime(),
      syncedAtMs: row.synced_at.map((time) => time.getTime()),
    }
  )
}
