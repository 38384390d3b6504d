import { sql, type Transaction } from 'kysely'
import type { Database } from '../db/tables.ts'
import type { FolderContents, FolderFile, FolderId } from './folder-contents.ts'

/** Keeps what an export has made of a folder, in place of whatever was known of it. */
export async function recordExport(
  tx: Transaction<Database>,
  folder: FolderId,
  contents: FolderContents,
  nowMs: number,
): Promise<void> {
  const { seenCommit, duplicates } = contents
  const selection = Buffer.from(contents.selection)
  const changes = { seen_commit: seenCommit, selection, duplicates }
  const { pipelineId: pipeline_id, localHour: local_hour, hours } = folder
  await tx
    .insertInto('folder')
    .values({ pipeline_id, local_hour, hours, ...changes, exported_at: new Date(nowMs) })
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'local_hour']).doUpdateSet(changes))
    .execute()
  await tx
    .deleteFrom('folder_file')
    .where('pipeline_id', '=', pipeline_id)
    .where('local_hour', '=', local_hour)
    .execute()
  await insertFiles(tx, folder, contents.files)
}

/** One statement, and ten parameters, for any number of files. */
async function insertFiles(
  tx: Transaction<Database>,
  { pipelineId, localHour }: FolderId,
  files: readonly FolderFile[],
): Promise<void> {
  if (files.length === 0) return
  const column = <Name extends keyof FolderFile>(name: Name) => files.map((file) => file[name])
  const members = files.map((file) => Buffer.from(file.members))
  await sql`
    insert into folder_file (pipeline_id, local_hour, ordinal, name, byte_length, crc32, events, min_time_ms, max_time_ms,
      members)
    select ${pipelineId}, ${localHour}, file.*
    from unnest(${column('ordinal')}::integer[], ${column('name')}::text[], ${column('lengthBytes')}::bigint[],
      ${column('crc32')}::bigint[], ${column('events')}::bigint[], ${column('minTimeMs')}::bigint[],
      ${column('maxTimeMs')}::bigint[], ${members}::bytea[]) as file`.execute(tx)
}
