/**
 * What compaction does is steps of one transaction each, under the compactor's lock:
 *
 *   begun ──segment named in merge_output──▶ writing ──written, synced──▶ recording ──committed──▶ done
 *
 * A step that dies at any point has changed nothing that a reader sees; what it left on the disk is named in
 * merge_output, and the next step removes it.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../../../clock.ts'
import type { SegmentId } from '../../../ids.ts'
import type { RunInThread } from '../../../threads/pool.ts'
import { releaseBytes } from '../../release-bytes.ts'
import type { BlobStore } from '../blob-store.ts'
import type { IndexTables } from '../index-tables.ts'
import type { Member } from '../member.ts'
import { lockCompactor, lockMerges } from '../merge-lock.ts'
import { letRest } from '../resting-transaction.ts'
import { createSegmentIds } from '../segment-id.ts'
import type { MergedSegment, MergeInput } from './merge-members.ts'
import { readMerge } from './read-merge.ts'
import { recordMerge } from './record-merge.ts'

export interface CompactDeps {
  db: Kysely<IndexTables>
  blobs: BlobStore
  /** Threads of its own: ingest and export wait for none of them. */
  run: RunInThread
  clock: Clock
  partSizeBytes: number
  /** Uncompressed bytes of event lines that one merge holds. */
  mergeBytesMax: number
  /** How long events are kept; undefined: for good. */
  retentionDays: number | undefined
  signal: AbortSignal
}

/** One step under the compactor's lock; undefined when another process has it and `waits` is not set. */
export async function compactStep<Result>(
  { db, blobs }: Pick<CompactDeps, 'db' | 'blobs'>,
  waits: boolean,
  step: (tx: Transaction<IndexTables>) => Promise<Result>,
): Promise<Result | undefined> {
  return await db.transaction().execute(async (tx) => {
    if (!(await lockCompactor(tx, waits))) return undefined
    // It waits for threads that give way to all others.
    await letRest(tx)
    await lockMerges(tx, 'shared')
    await removeUnfinished(tx, blobs)
    return await step(tx)
  })
}

export interface Merged {
  members: Member[]
  /** Uncompressed bytes of their lines. */
  rawBytes: number
  bytesWritten: number
  membersMade: number
}

/** Merges members into a segment of a higher generation, which takes their place. */
export async function mergePicked(
  tx: Transaction<IndexTables>,
  deps: CompactDeps,
  picked: Member[],
): Promise<Merged> {
  const { members, sources } = await readMerge(tx, deps.blobs, picked, deps.signal)
  const generation = picked.reduce((most, member) => Math.max(most, member.generation), 0) + 1
  const input: MergeInput = {
    ...{ members, generation, partSizeBytes: deps.partSizeBytes },
    sourceIds: sources.map(({ id }) => id),
  }
  const moved = members.flatMap(({ gzip, records }) => [gzip.buffer, records.buffer])
  const merged = await deps.run<MergeInput, MergedSegment>('mergeMembers', input, moved)
  deps.signal.throwIfAborted()
  const id = createSegmentIds(deps.clock)()
  // On a connection of its own: it must be there also when this transaction dies.
  await deps.db.insertInto('merge_output').values({ segment_id: id }).execute()
  try {
    await deps.blobs.write(id, merged.bytes)
    await recordMerge(tx, { id, merged, sources, replaced: picked })
    await tx.deleteFrom('merge_output').where('segment_id', '=', id).execute()
  } catch (cause) {
    await takeBack(deps, id)
    throw cause
  }
  const bytesWritten = merged.bytes.length
  releaseBytes(merged.bytes)
  return {
    members: picked,
    rawBytes: picked.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
    bytesWritten,
    membersMade: merged.members.length,
  }
}

/**
 * Of a merge whose transaction is over: of a process that was stopped, which the database ended. The next step may have
 * looked for the segment before it was written; then nobody else would look for it again.
 */
async function takeBack({ db, blobs }: CompactDeps, id: SegmentId): Promise<void> {
  try {
    await blobs.remove([id])
    await db.deleteFrom('merge_output').where('segment_id', '=', id).execute()
  } catch {
    // What made the merge fail is told. The next step removes what is named still.
  }
}

/** Only the compactor writes these segments, and it died: nobody names them, and nobody will. */
async function removeUnfinished(tx: Transaction<IndexTables>, blobs: BlobStore): Promise<void> {
  const outputs = await tx
    .selectFrom('merge_output')
    .leftJoin('segment', 'segment.id', 'merge_output.segment_id')
    .select(['segment_id', 'segment.id'])
    .execute()
  for (const { segment_id, id } of outputs) {
    // A rebuilt index may have taken it up.
    if (id === null) await blobs.remove([segment_id as SegmentId])
    await tx.deleteFrom('merge_output').where('segment_id', '=', segment_id).execute()
  }
}
