import type { Generated, GeneratedAlways } from 'kysely'

/** The tables of the event store's index. A type, not an interface: `Kysely.withTables` wants it so. */
export type IndexTables = {
  store_commit: { only_row: Generated<boolean>; number: number }
  segment: SegmentTable
  member: MemberTable
  store_hold: StoreHoldTable
  store_retention: { only_row: Generated<boolean>; past_hour: number }
  project_usage: ProjectUsageTable
  merge_output: { segment_id: string; begun_at: Generated<Date> }
}

/** migrations/0006-merged-members.sql and 0009-compaction.sql say what the columns mean. */
interface SegmentTable {
  id: string
  commit_number: number | null
  source_ids: string[] | null
  source_commits: number[] | null
  byte_length: number
  created_at: Date
  live_members: number
  live_bytes: number
  member_bytes: number
  emptied_at: Generated<Date | null>
}

interface MemberTable {
  project_id: number
  local_hour: number
  last_hour: number
  hour_counts: number[] | null
  first_commit: number
  commit_number: number
  ordinal: number
  segment_id: string
  byte_offset: number
  byte_length: number
  raw_bytes: number
  event_count: number
  crc32: number
  keys_offset: number
  sources_offset: number | null
  sources_length: number | null
  event_names: string[] | null
  min_time_ms: number
  max_time_ms: number
  generation: number
  rank: number
}

interface StoreHoldTable {
  id: GeneratedAlways<number>
  taken_at: Generated<Date>
  held_until: Date
}

/** migrations/0021-quotas.sql says what the columns mean; read and written by project-usage.ts. */
interface ProjectUsageTable {
  project_id: number
  day: string
  day_events: number
  day_bytes: number
  month_events: number
  month_bytes: number
}
