/** Puts what a merge made in the place of what it read, in the index. */
import { sql, type Transaction } from 'kysely'
import { PenstockError } from '../../../errors/penstock-error.ts'
import type { CommitNumber, SegmentId } from '../../../ids.ts'
import type { IndexTables } from '../index-tables.ts'
import type { Member } from '../member.ts'
import { insertMembers } from '../member-rows.ts'
import { insertSegmentRow } from '../segment-row.ts'
import type { MergedSegment } from './merge-members.ts'
import type { MergeSource } from './read-merge.ts'

export interface FinishedMerge {
  id: SegmentId
  merged: MergedSegment
  /** What `merged.sourcePlaces` are places in. */
  sources: MergeSource[]
  replaced: Member[]
}

/** A reader's statement sees all of this or nothing. Commits go on beside it. */
export async function recordMerge(tx: Transaction<IndexTables>, finished: FinishedMerge): Promise<void> {
  const { id, merged, sources, replaced } = finished
  await removeMembers(tx, replaced)
  const listed = merged.sourcePlaces.map((place) => sources[place] as MergeSource)
  await insertSegmentRow(tx, {
    id,
    byteLength: merged.bytes.length,
    commits: {
      sourceIds: listed.map((source) => source.id),
      sourceCommits: listed.map(({ commit }) => commit),
    },
    members: merged.members,
  })
  const commitAt = (index: number): CommitNumber => listed[index]?.commit as CommitNumber
  const members = merged.members.map((sealed, ordinal) => {
    const [first, last] = merged.sourceSpans[ordinal] ?? [0, 0]
    return { sealed, ordinal, firstCommit: commitAt(first), commitNumber: commitAt(last) }
  })
  await insertMembers(tx, id, members)
}

/** @throws PenstockError `STORE_MERGE_OUTDATED` when the index does not have all of them any more. */
async function removeMembers(tx: Transaction<IndexTables>, members: Member[]): Promise<void> {
  const refs = members.map(({ segmentId, ordinal }) => ({ segment_id: segmentId, ordinal }))
  const { rows } = await sql<{ removed: number }>`
    with removed as (
      delete from member
      using jsonb_to_recordset(${JSON.stringify(refs)}::jsonb) as merged (segment_id text, ordinal integer)
      where member.segment_id = merged.segment_id and member.ordinal = merged.ordinal
      returning member.segment_id, member.byte_length
    ), by_segment as (
      select segment_id, count(*) as members, sum(byte_length) as bytes from removed group by segment_id
    ), counted as (
      update segment set live_members = live_members - by_segment.members, live_bytes = live_bytes - by_segment.bytes
      from by_segment
      where segment.id = by_segment.segment_id
    )
    select count(*) as removed from removed`.execute(tx)
  if (rows[0]?.removed === members.length) return
  throw new PenstockError(
    'outside',
    'STORE_MERGE_OUTDATED',
    'members that were being merged have left the index meanwhile: nothing was changed, and the next merge takes what is there',
    { retryable: true },
  )
}
