import { sql, type Transaction } from 'kysely'
import type { Database } from '../db/tables.ts'
import type { FolderChange, FolderContents, FolderFile, FolderId } from './folder-contents.ts'
import { type FolderEnd, nextLook } from './second-look.ts'

/** Times of syncs that a folder keeps: the newest. An hourly sync over ten days makes 240. */
const syncTimesMax = 1000

/** Keeps what an export has made of a folder, in place of whatever was known of it. */
export async function recordExport(
  tx: Transaction<Database>,
  folder: FolderId,
  contents: FolderContents,
  end: FolderEnd,
): Promise<void> {
  const { pipelineId: pipeline_id, localHour: local_hour, hours } = folder
  const { seenCommit: seen_commit, duplicates, files } = contents
  const { profilesReadAtMs } = contents
  const changes = {
    seen_commit,
    selection: Buffer.from(contents.selection),
    duplicates,
    profiles_read_at: profilesReadAtMs === null ? null : new Date(profilesReadAtMs),
    ...lookedAt(folder, end),
  }
  await tx
    .insertInto('folder')
    .values({ pipeline_id, local_hour, hours, ...changes, exported_at: new Date(end.nowMs) })
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'local_hour']).doUpdateSet(changes))
    .execute()
  await replaceFiles(tx, folder, { kept: [], files })
}

/** Keeps what a sync has changed in a folder. Where it wrote nothing, only what the folder has seen. */
export async function recordSync(
  tx: Transaction<Database>,
  folder: FolderId,
  change: FolderChange,
  end: FolderEnd,
): Promise<void> {
  const { seenCommit, duplicates, files } = change
  await tx
    .updateTable('folder')
    .set({
      seen_commit: seenCommit,
      duplicates: sql`duplicates + ${duplicates}`,
      ...lookedAt(folder, end),
    })
    .$if(files !== undefined, (update) => update.set({ synced_at: timesAnd(end.nowMs) }))
    .where('pipeline_id', '=', folder.pipelineId)
    .where('local_hour', '=', folder.localHour)
    .execute()
  if (files !== undefined) await replaceFiles(tx, folder, files)
}

export async function recordSyncTime(
  tx: Transaction<Database>,
  { pipelineId, localHour }: FolderId,
  nowMs: number,
): Promise<void> {
  await tx
    .updateTable('folder')
    .set({ synced_at: timesAnd(nowMs) })
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .execute()
}

function lookedAt(folder: FolderId, end: FolderEnd) {
  return {
    look_at: nextLook(folder, end),
    ...(end.unanswered && { unanswered_at: new Date(end.nowMs) }),
  }
}

/** The newest of a folder's times of syncs, and this one. */
function timesAnd(nowMs: number) {
  return sql<
    Date[]
  >`(synced_at || ${new Date(nowMs)}::timestamptz)[greatest(1, cardinality(synced_at) + 2 - ${syncTimesMax}::integer):]`
}

async function replaceFiles(
  tx: Transaction<Database>,
  folder: FolderId,
  { kept, files }: NonNullable<FolderChange['files']>,
): Promise<void> {
  await tx
    .deleteFrom('folder_file')
    .where('pipeline_id', '=', folder.pipelineId)
    .where('local_hour', '=', folder.localHour)
    .where(sql<boolean>`ordinal <> all(${kept}::integer[])`)
    .execute()
  await insertFiles(tx, folder, files)
}

/** One statement, and a parameter a column, for any number of files. */
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
      after_commit, up_to_commit, members)
    select ${pipelineId}, ${localHour}, file.*
    from unnest(${column('ordinal')}::integer[], ${column('name')}::text[], ${column('lengthBytes')}::bigint[],
      ${column('crc32')}::bigint[], ${column('events')}::bigint[], ${column('minTimeMs')}::bigint[],
      ${column('maxTimeMs')}::bigint[], ${column('afterCommit')}::bigint[], ${column('upToCommit')}::bigint[],
      ${members}::bytea[]) as file`.execute(tx)
}
