import { type Kysely, sql, type Transaction } from 'kysely'
import type { SegmentId } from '../../../ids.ts'
import type { IndexTables } from '../index-tables.ts'

/** What ingest wrote and no merge has taken yet. */
export interface MergeBacklog {
  members: number
  /** Uncompressed bytes of their lines. */
  rawBytes: number
  oldest: SegmentId
  newest: SegmentId
}

/** Undefined when there is none. Reads the index member_unmerged alone. */
export async function readBacklog(
  db: Kysely<IndexTables> | Transaction<IndexTables>,
): Promise<MergeBacklog | undefined> {
  const { rows } = await sql<MergeBacklog>`
    select count(*) as members, coalesce(sum(raw_bytes), 0) as "rawBytes", min(segment_id) as oldest,
      max(segment_id) as newest
    from member
    where generation = 0`.execute(db)
  const [backlog] = rows
  return backlog === undefined || backlog.members === 0 ? undefined : backlog
}
