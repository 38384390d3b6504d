import type { Transaction } from 'kysely'
import type { CommitNumber, SegmentId } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import type { SealedMember } from './member.ts'
import { segmentMadeAtMs } from './segment-id.ts'

/** Of a segment as ingest wrote it its commit; of a merged one, the segments that brought its lines and their commits. */
export type SegmentCommits =
  | { commitNumber: CommitNumber }
  | { sourceIds: SegmentId[]; sourceCommits: CommitNumber[] }

export interface NewSegmentRow {
  id: SegmentId
  byteLength: number
  commits: SegmentCommits
  /** All of them: what the index does not have must be counted off. */
  members: Pick<SealedMember, 'byteLength'>[]
}

export async function insertSegmentRow(tx: Transaction<IndexTables>, segment: NewSegmentRow): Promise<void> {
  const { commits } = segment
  await tx
    .insertInto('segment')
    .values({
      ...segmentRow(segment, arrivedAtMs(segment.id, commits)),
      ...('commitNumber' in commits
        ? { commit_number: commits.commitNumber }
        : { source_ids: commits.sourceIds, source_commits: commits.sourceCommits }),
    })
    .execute()
}

/** A segment's row but for its commits. */
export function segmentRow(
  { id, byteLength, members }: Omit<NewSegmentRow, 'commits'>,
  arrivedAtMs = segmentMadeAtMs(id),
) {
  const memberBytes = members.reduce((sum, member) => sum + member.byteLength, 0)
  return {
    id,
    byte_length: byteLength,
    created_at: new Date(arrivedAtMs),
    live_members: members.length,
    live_bytes: memberBytes,
    member_bytes: memberBytes,
  }
}

/** When the newest of a segment's events arrived: merging does not make them younger. */
function arrivedAtMs(id: SegmentId, commits: SegmentCommits): number {
  if ('commitNumber' in commits) return segmentMadeAtMs(id)
  return commits.sourceIds.reduce((newestMs, source) => Math.max(newestMs, segmentMadeAtMs(source)), 0)
}
