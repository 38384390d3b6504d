/**
 * Rebuilds the index from the segments' footers, in one transaction that holds commits and merges back: a reader sees the
 * old index or the new one. A segment that the index names keeps its commit number; the others come after them in the
 * order of their making. A member that a merged segment replaces is not indexed beside it. Events of a segment whose
 * commit was never answered may appear by it; sent again, they are one.
 */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { CommitNumber, SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import { decodeLineSources } from './line-sources.ts'
import type { SealedMember } from './member.ts'
import { insertMembers, type NewMember } from './member-rows.ts'
import { lockMerges } from './merge-lock.ts'
import { readFooters } from './read-footers.ts'
import { letRest } from './resting-transaction.ts'
import type { SegmentFooter } from './segment-format.ts'
import { insertSegmentRow, type SegmentCommits } from './segment-row.ts'
import { numberCommits, numberedSources, type Survey, surveySegments } from './survey-segments.ts'

export interface Reindexed extends Survey {
  /** Segments that the index did not name, and now does. */
  added: number
  /** Segments whose rows were made anew. */
  renewed: number
}

export async function reindexStore(db: Kysely<IndexTables>, blobs: BlobStore): Promise<Reindexed> {
  return await db.transaction().execute(async (tx) => {
    await letRest(tx)
    await tx.selectFrom('store_commit').select('number').forUpdate().executeTakeFirstOrThrow()
    await lockMerges(tx, 'exclusive')
    const survey = await surveySegments(tx, blobs)
    await numberCommits(tx)
    await sql`
      delete from member using replaced_member as replaced
      where member.segment_id = replaced.segment_id and member.ordinal = replaced.ordinal`.execute(tx)
    await dropMerged(tx)
    const result: Reindexed = { added: 0, renewed: 0, ...survey }
    for await (const { footer, ...found } of readFooters(blobs, eachFound(tx))) {
      await indexSegment(tx, blobs, found, await footer)
      if (found.isKnown) result.renewed += 1
      else result.added += 1
    }
    await countLive(tx)
    return result
  })
}

/**
 * A restored back-up may name segments that were merged and removed since, over several generations: segments that are not
 * there, whose every line came with commits that merged segments on the disk list.
 */
async function dropMerged(tx: Transaction<IndexTables>): Promise<void> {
  await sql`
    delete from member using segment
    where member.segment_id = segment.id
      and not exists (select from found_segment as found where found.id = segment.id)
      and not exists (
        select from unnest(coalesce(segment.source_ids, array[segment.id])) as source
        where source not in (select source_id from found_source)
      )`.execute(tx)
}

interface FoundSegment {
  id: SegmentId
  byteLength: number
  isMerged: boolean
  isKnown: boolean
}

const foundAtOnce = 1000

async function* eachFound(tx: Transaction<IndexTables>): AsyncGenerator<FoundSegment> {
  for (let after = ''; ; ) {
    const { rows } = await sql<FoundSegment>`
      select found.id, found.byte_length as "byteLength", is_merged as "isMerged", segment.id is not null as "isKnown"
      from found_segment as found
      left join segment on segment.id = found.id
      where found.id > ${after}
      order by found.id
      limit ${foundAtOnce}`.execute(tx)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

async function indexSegment(
  tx: Transaction<IndexTables>,
  blobs: BlobStore,
  { id, byteLength, isMerged, isKnown }: FoundSegment,
  footer: SegmentFooter | undefined,
): Promise<void> {
  if (footer === undefined) return
  const commits: SegmentCommits = isMerged
    ? { sourceIds: footer.sources, sourceCommits: await numberedSources(tx, id) }
    : { commitNumber: await commitOf(tx, id) }
  const replaced = await replacedOrdinals(tx, id)
  if (isKnown) await tx.deleteFrom('member').where('segment_id', '=', id).execute()
  else await insertSegmentRow(tx, { id, byteLength, commits, members: footer.members })
  const members: NewMember[] = []
  for (const [ordinal, sealed] of footer.members.entries()) {
    if (replaced.has(ordinal)) continue
    members.push({ sealed, ordinal, ...(await memberCommits(blobs, id, sealed, commits)) })
  }
  await insertMembers(tx, id, members)
}

async function commitOf(tx: Transaction<IndexTables>, id: SegmentId): Promise<CommitNumber> {
  const { rows } = await sql<{ number: CommitNumber }>`select number from commit_of where id = ${id}`.execute(
    tx,
  )
  return rows[0]?.number as CommitNumber
}

async function replacedOrdinals(tx: Transaction<IndexTables>, id: SegmentId): Promise<Set<number>> {
  const { rows } = await sql<{ ordinal: number }>`
    select ordinal from replaced_member where segment_id = ${id}`.execute(tx)
  return new Set(rows.map(({ ordinal }) => ordinal))
}

async function memberCommits(
  blobs: BlobStore,
  id: SegmentId,
  { sources, eventCount }: SealedMember,
  commits: SegmentCommits,
): Promise<Pick<NewMember, 'firstCommit' | 'commitNumber'>> {
  if ('commitNumber' in commits)
    return { firstCommit: commits.commitNumber, commitNumber: commits.commitNumber }
  const { offset, length } = sources ?? { offset: 0, length: 0 }
  const ofLines = new Set(decodeLineSources(await blobs.read(id, offset, length), eventCount))
  const numbers = [...ofLines].map((source) => commits.sourceCommits[source] as CommitNumber)
  return {
    firstCommit: numbers.reduce((least, number) => Math.min(least, number) as CommitNumber),
    commitNumber: numbers.reduce((most, number) => Math.max(most, number) as CommitNumber),
  }
}

async function countLive(tx: Transaction<IndexTables>): Promise<void> {
  await sql`
    update segment set live_members = live.members, live_bytes = live.bytes,
      emptied_at = case when live.members = 0 then emptied_at end
    from (
      select segment.id, count(member.ordinal) as members, coalesce(sum(member.byte_length), 0) as bytes
      from segment left join member on member.segment_id = segment.id
      group by segment.id
    ) as live
    where segment.id = live.id and (live_members, live_bytes) is distinct from (live.members, live.bytes)`.execute(
    tx,
  )
}
