/** Reads what a merge needs of its members: their bytes, their dedup records, and which commit each line came with. */
import { sql, type Transaction } from 'kysely'
import type { CommitNumber, SegmentId } from '../../../ids.ts'
import { workThrough } from '../../../work-through.ts'
import type { BlobStore } from '../blob-store.ts'
import type { IndexTables } from '../index-tables.ts'
import { type Member, sealedPart } from '../member.ts'
import { dedupRecordBytes } from '../segment-format.ts'
import type { MergeMember } from './merge-members.ts'

/** A segment that brought events, and its commit. */
export interface MergeSource {
  id: SegmentId
  commit: CommitNumber
}

const readsAtOnce = 8

/** @returns members as given, and the sources of their segments, oldest commit first */
export async function readMerge(
  tx: Transaction<IndexTables>,
  blobs: BlobStore,
  picked: Member[],
  signal: AbortSignal,
): Promise<{ members: MergeMember[]; sources: MergeSource[] }> {
  const bySegment = await readSources(tx, [...new Set(picked.map(({ segmentId }) => segmentId))])
  const sources = [...new Map([...bySegment.values()].flat().map((source) => [source.id, source])).values()]
  sources.sort((a, b) => a.commit - b.commit)
  const placeOf = new Map(sources.map(({ id }, place) => [id, place]))
  const placesOf = new Map(
    [...bySegment].map(([id, ofSegment]) => [
      id,
      Uint32Array.from(ofSegment, (source) => placeOf.get(source.id) ?? 0),
    ]),
  )
  const members: MergeMember[] = new Array(picked.length)
  await workThrough({
    items: picked.entries(),
    atOnceMax: readsAtOnce,
    signal,
    work: async ([index, member]) => {
      const sourcePlaces = placesOf.get(member.segmentId) ?? new Uint32Array()
      members[index] = { ...(await readMember(blobs, member)), sourcePlaces }
    },
  })
  return { members, sources }
}

async function readMember(blobs: BlobStore, member: Member): Promise<Omit<MergeMember, 'sourcePlaces'>> {
  const { segmentId, byteOffset, byteLength, keysOffset, eventCount, sources } = member
  const read = (offset: number, length: number) => blobs.read(segmentId, offset, length)
  const { ordinal, commitNumber, firstCommit } = member
  return {
    // Nothing else that the index said of it goes to the thread.
    member: { ...sealedPart(member), segmentId, ordinal, commitNumber, firstCommit },
    gzip: await read(byteOffset, byteLength),
    records: await read(keysOffset, eventCount * dedupRecordBytes),
    ...(sources === null ? {} : { lineSources: await read(sources.offset, sources.length) }),
  }
}

async function readSources(
  tx: Transaction<IndexTables>,
  ids: SegmentId[],
): Promise<Map<SegmentId, MergeSource[]>> {
  const { rows } = await sql<{ id: SegmentId; source_ids: SegmentId[]; commits: CommitNumber[] }>`
    select id, coalesce(source_ids, array[id]) as source_ids,
      coalesce(source_commits, array[commit_number])::double precision[] as commits
    from segment
    where id = any(${ids})`.execute(tx)
  return new Map(
    rows.map(({ id, source_ids, commits }) => [
      id,
      source_ids.map((sourceId, index) => ({ id: sourceId, commit: commits[index] as CommitNumber })),
    ]),
  )
}
