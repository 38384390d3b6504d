import type { Kysely } from 'kysely'
import type { CommitNumber } from '../../ids.ts'
import { sideBySide } from '../../side-by-side.ts'
import type { Database } from '../db/tables.ts'
import type { FolderContents, FolderFile, FolderId } from './folder-contents.ts'

/** What is known of a finished folder. */
export interface KnownFolder {
  seenCommit: CommitNumber
  /** When it was finished first. */
  exportedAtMs: number
  /** When late events were added last; null: never. */
  syncedAtMs: number | null
  /** Undefined where it was written before files were recorded. */
  contents: FolderContents | undefined
}

/** Undefined for a folder that was never finished. */
export async function readFolder(
  db: Kysely<Database>,
  { pipelineId, localHour }: Omit<FolderId, 'hours'>,
): Promise<KnownFolder | undefined> {
  const reading = db
    .selectFrom('folder')
    .select(['seen_commit', 'selection', 'duplicates', 'exported_at', 'synced_at', 'profiles_read_at'])
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .executeTakeFirst()
  const [folder, files] = await sideBySide(reading, readFiles(db, { pipelineId, localHour }))
  if (folder === undefined) return undefined
  const { seen_commit: seenCommit, selection, duplicates } = folder
  const profilesReadAtMs = folder.profiles_read_at?.getTime() ?? null
  const exportedAtMs = folder.exported_at.getTime()
  const known = { seenCommit, exportedAtMs, syncedAtMs: folder.synced_at.at(-1)?.getTime() ?? null }
  if (selection === null || duplicates === null) return { ...known, contents: undefined }
  return { ...known, contents: { seenCommit, selection, duplicates, profilesReadAtMs, files } }
}

async function readFiles(
  db: Kysely<Database>,
  { pipelineId, localHour }: Omit<FolderId, 'hours'>,
): Promise<FolderFile[]> {
  const rows = await db
    .selectFrom('folder_file')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .orderBy('ordinal')
    .execute()
  return rows.map((row) => ({
    ordinal: row.ordinal,
    name: row.name,
    lengthBytes: row.byte_length,
    crc32: row.crc32,
    events: row.events,
    minTimeMs: row.min_time_ms,
    maxTimeMs: row.max_time_ms,
    afterCommit: row.after_commit,
    upToCommit: row.up_to_commit,
    members: row.members,
  }))
}
