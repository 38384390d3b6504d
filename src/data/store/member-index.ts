/** The index: which members each project's hours have, and in which order commits made them visible. */
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member, SealedMember } from './member.ts'

export interface NewSegment {
  id: SegmentId
  byteLength: number
  createdAt: Date
  members: SealedMember[]
}

/** Makes a segment's members visible, all at once, under the next commit number. */
export async function recordCommit(db: Kysely<IndexTables>, segment: NewSegment): Promise<CommitNumber> {
  return await db.transaction().execute((tx) => recordCommitIn(tx, segment))
}

/**
 * The row lock on `store_commit` is held until the transaction ends, so commits become visible in the order of their
 * numbers: a reader that sees N sees everything below N.
 */
export async function recordCommitIn(
  tx: Transaction<IndexTables>,
  segment: NewSegment,
): Promise<CommitNumber> {
  const { number } = await tx
    .updateTable('store_commit')
    .set((row) => ({ number: row('number', '+', 1) }))
    .returning('number')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('segment')
    .values({
      id: segment.id,
      commit_number: number,
      byte_length: segment.byteLength,
      created_at: segment.createdAt,
    })
    .execute()
  if (segment.members.length > 0) await insertMembers(tx, segment, number)
  return number as CommitNumber
}

/** One statement whatever the number of members: a JSON array, not a parameter a column. */
export async function insertMembers(
  tx: Transaction<IndexTables>,
  segment: Pick<NewSegment, 'id' | 'members'>,
  commitNumber: number,
): Promise<void> {
  const rows = segment.members.map((member, ordinal) => ({
    project_id: member.projectId,
    local_hour: member.localHour,
    commit_number: commitNumber,
    ordinal,
    segment_id: segment.id,
    byte_offset: member.byteOffset,
    byte_length: member.byteLength,
    raw_bytes: member.rawBytes,
    event_count: member.eventCount,
    crc32: member.crc32,
    keys_offset: member.keysOffset,
    event_names: storableNames(member.eventNames),
    min_time_ms: member.minTimeMs,
    max_time_ms: member.maxTimeMs,
  }))
  await sql`insert into member select * from jsonb_populate_recordset(null::member, ${JSON.stringify(rows)}::jsonb)`.execute(
    tx,
  )
}

/**
 * PostgreSQL's text holds neither NUL nor lone surrogates, and one tenant's odd name must not fail a commit that others
 * share: a member with such a name has no list, and is opened to know its names.
 */
function storableNames(names: string[] | null): string[] | null {
  return names?.every((name) => name.isWellFormed() && !name.includes('\0')) ? names : null
}

/** Everything that is durable now: commits up to this number. 0 when there is none. */
export async function latestCommit(db: Kysely<IndexTables>): Promise<CommitNumber> {
  const { number } = await db.selectFrom('store_commit').select('number').executeTakeFirstOrThrow()
  return number as CommitNumber
}

export interface HourWindow {
  projectId: ProjectId
  fromHour: LocalHour
  /** Exclusive. */
  toHour: LocalHour
}

/** Members of the window that commits up to `upTo` made, oldest first. Served by the primary key. */
export async function readMembers(
  db: Kysely<IndexTables>,
  window: HourWindow,
  upTo: CommitNumber,
): Promise<Member[]> {
  const rows = await db
    .selectFrom('member')
    .selectAll()
    .where('project_id', '=', window.projectId)
    .where('local_hour', '>=', window.fromHour)
    .where('local_hour', '<', window.toHour)
    .where('commit_number', '<=', upTo)
    .orderBy('commit_number')
    .orderBy('ordinal')
    .execute()
  return rows.map(toMember)
}

function toMember(row: Selectable<IndexTables['member']>): Member {
  return {
    projectId: row.project_id as ProjectId,
    localHour: row.local_hour as LocalHour,
    commitNumber: row.commit_number as CommitNumber,
    ordinal: row.ordinal,
    segmentId: row.segment_id as SegmentId,
    byteOffset: row.byte_offset,
    byteLength: row.byte_length,
    rawBytes: row.raw_bytes,
    eventCount: row.event_count,
    crc32: row.crc32,
    keysOffset: row.keys_offset,
    eventNames: row.event_names,
    minTimeMs: row.min_time_ms,
    maxTimeMs: row.max_time_ms,
  }
}
