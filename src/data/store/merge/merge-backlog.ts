import { type Kysely, sql, type Transaction } from 'kysely'
import type { SegmentId } from '../../../ids.ts'
import type { IndexTables } from '../index-tables.ts'

/** What ingest wrote and no merge has taken yet. */
export interface MergeBacklog {
  /** At most `countedMax`: there may be more then. */
  members: number
  /** Uncompressed bytes of the lines of those that were counted. */
  rawBytes: number
  /** Of those that were counted. */
  oldest: SegmentId
  /** Of all segments that there are. */
  newest: SegmentId
}

/** Members that are counted: so many are merged at once, however many more there are. */
export const countedMax = 20_000

/** Undefined when there is none. Reads so much of the index member_unmerged, and the end of segment's. */
export async function readBacklog(
  db: Kysely<IndexTables> | Transaction<IndexTables>,
): Promise<MergeBacklog | undefined> {
  const { rows } = await sql<MergeBacklog>`
    select count(*) as members, coalesce(sum(raw_bytes), 0) as "rawBytes", min(segment_id) as oldest,
      (select max(id) from segment) as newest
    from (select raw_bytes, segment_id from member where generation = 0 limit ${countedMax}) as counted`.execute(
    db,
  )
  const [backlog] = rows
  return backlog === undefined || backlog.members === 0 ? undefined : backlog
}
