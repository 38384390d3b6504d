import type { Generated } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId } from '../../ids.ts'

export interface FolderTables {
  folder: FolderTable
  folder_file: FolderFileTable
}

/**
 * migrations/0004-folder-contents.sql, 0007-syncs.sql, 0016-profiles-of-folders.sql, 0026-second-looks.sql and
 * 0027-unanswered-changes.sql say what the columns mean.
 */
interface FolderTable {
  pipeline_id: PipelineId
  local_hour: LocalHour
  hours: 1 | 24
  seen_commit: CommitNumber
  selection: Buffer | null
  duplicates: number | null
  exported_at: Date
  synced_at: Generated<Date[]>
  profiles_read_at: Generated<Date | null>
  look_at: Generated<Date | null>
  unanswered_at: Generated<Date | null>
}

interface FolderFileTable {
  pipeline_id: PipelineId
  local_hour: LocalHour
  ordinal: number
  name: string
  byte_length: number
  crc32: number
  events: number
  min_time_ms: number
  max_time_ms: number
  after_commit: CommitNumber
  up_to_commit: CommitNumber
  members: Buffer
}
