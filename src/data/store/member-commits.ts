/** Which commit each line of a member came with. */
import { type Kysely, sql } from 'kysely'
import type { CommitNumber, SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import { decodeLineSources } from './line-sources.ts'
import type { Member } from './member.ts'

/** The commit of a line. */
export type LineCommits = (line: number) => CommitNumber

export interface MemberCommitsDeps {
  db: Kysely<IndexTables>
  blobs: Pick<BlobStore, 'read'>
}

/** Reads nothing for a member whose lines came with one commit. */
export async function readLineCommits(deps: MemberCommitsDeps, member: Member): Promise<LineCommits> {
  if (member.firstCommit === member.commitNumber) return () => member.commitNumber
  const commitOf = await readAllLineCommits(deps, member)
  const { picked } = member
  return picked === undefined ? commitOf : (line) => commitOf(picked.places[line] ?? 0)
}

/** The same by a line's place in the whole member. */
export async function readAllLineCommits(
  { db, blobs }: MemberCommitsDeps,
  { segmentId, sources, eventCount, picked }: Member,
): Promise<LineCommits> {
  const commits = await readSourceCommits(db, segmentId)
  const bytes = await blobs.read(segmentId, sources?.offset ?? 0, sources?.length ?? 0)
  const ofLines = decodeLineSources(bytes, picked?.ofLines ?? eventCount)
  return (line) => commits[ofLines[line] ?? 0] as CommitNumber
}

/** Commit numbers of a merged segment's sources, in the order of its footer. */
async function readSourceCommits(db: Kysely<IndexTables>, segmentId: SegmentId): Promise<CommitNumber[]> {
  const { commits } = await db
    .selectFrom('segment')
    .select(sql<CommitNumber[]>`source_commits::double precision[]`.as('commits'))
    .where('id', '=', segmentId)
    .executeTakeFirstOrThrow()
  return commits
}
