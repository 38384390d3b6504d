import type { Generated } from 'kysely'

/** The tables of migrations/0002-store-index.sql. A type, not an interface: `Kysely.withTables` wants it so. */
export type IndexTables = {
  store_commit: { only_row: Generated<boolean>; number: number }
  segment: { id: string; commit_number: number; byte_length: number; created_at: Date }
  member: MemberTable
}

interface MemberTable {
  project_id: number
  local_hour: number
  commit_number: number
  ordinal: number
  segment_id: string
  byte_offset: number
  byte_length: number
  raw_bytes: number
  event_count: number
  crc32: number
  keys_offset: number
  event_names: string[] | null
  min_time_ms: number
  max_time_ms: number
}
