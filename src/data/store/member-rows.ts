/** Members as rows of the index, and back. */
import { type Selectable, sql, type Transaction } from 'kysely'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member, SealedMember } from './member.ts'

/** A member of a segment's footer, before the index knows it. */
export interface NewMember {
  sealed: SealedMember
  ordinal: number
  firstCommit: CommitNumber
  commitNumber: CommitNumber
}

/** One statement whatever the number of members: a JSON array, not a parameter a column. */
export async function insertMembers(
  tx: Transaction<IndexTables>,
  segmentId: SegmentId,
  members: NewMember[],
): Promise<void> {
  if (members.length === 0) return
  const rows = members.map((member) => toRow(segmentId, member))
  await sql`insert into member select * from jsonb_populate_recordset(null::member, ${JSON.stringify(rows)}::jsonb)`.execute(
    tx,
  )
}

function toRow(segmentId: SegmentId, member: NewMember): Selectable<IndexTables['member']> {
  const { sealed, ordinal, firstCommit, commitNumber } = member
  return {
    ...sealedRow(segmentId, sealed, ordinal),
    first_commit: firstCommit,
    commit_number: commitNumber,
  }
}

/** A member's row but for its commits. */
export function sealedRow(
  segmentId: SegmentId,
  sealed: SealedMember,
  ordinal: number,
): Omit<Selectable<IndexTables['member']>, 'first_commit' | 'commit_number'> {
  return {
    project_id: sealed.projectId,
    local_hour: sealed.localHour,
    last_hour: sealed.lastHour,
    hour_counts: sealed.hourCounts,
    ordinal,
    segment_id: segmentId,
    byte_offset: sealed.byteOffset,
    byte_length: sealed.byteLength,
    raw_bytes: sealed.rawBytes,
    event_count: sealed.eventCount,
    crc32: sealed.crc32,
    keys_offset: sealed.keysOffset,
    sources_offset: sealed.sources?.offset ?? null,
    sources_length: sealed.sources?.length ?? null,
    event_names: storableNames(sealed.eventNames),
    min_time_ms: sealed.minTimeMs,
    max_time_ms: sealed.maxTimeMs,
    generation: sealed.generation,
    rank: sealed.rank,
  }
}

/**
 * PostgreSQL's text holds neither NUL nor lone surrogates, and one tenant's odd name must not fail a commit that others
 * share: a member with such a name has no list, and is opened to know its names.
 */
function storableNames(names: string[] | null): string[] | null {
  return names?.every((name) => name.isWellFormed() && !name.includes('\0')) ? names : null
}

export function toMember(row: Selectable<IndexTables['member']>): Member {
  return {
    projectId: row.project_id as ProjectId,
    localHour: row.local_hour as LocalHour,
    lastHour: row.last_hour as LocalHour,
    hourCounts: row.hour_counts,
    firstCommit: row.first_commit as CommitNumber,
    commitNumber: row.commit_number as CommitNumber,
    ordinal: row.ordinal,
    segmentId: row.segment_id as SegmentId,
    byteOffset: row.byte_offset,
    byteLength: row.byte_length,
    rawBytes: row.raw_bytes,
    eventCount: row.event_count,
    crc32: row.crc32,
    keysOffset: row.keys_offset,
    sources:
      row.sources_offset === null || row.sources_length === null
        ? null
        : { offset: row.sources_offset, length: row.sources_length },
    eventNames: row.event_names,
    minTimeMs: row.min_time_ms,
    maxTimeMs: row.max_time_ms,
    generation: row.generation,
    rank: row.rank,
  }
}
