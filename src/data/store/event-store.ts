/** The event store: durable batches in; snapshots, members and their dedup records out. */
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { CommitNumber, SegmentId } from '../../ids.ts'
import type { RunInThread } from '../../threads/pool.ts'
import type { EventBatch } from '../ingest/event-batch.ts'
import type { BlobStore } from './blob-store.ts'
import { createGroupCommit } from './group-commit.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member } from './member.ts'
import { type HourWindow, latestCommit, readMembers, recordCommit } from './member-index.ts'
import type { SealedSegment, SealInput } from './seal-segment.ts'
import { createSegmentIds } from './segment-id.ts'

export interface EventStore {
  /** Resolves when every event of the batch survives a power cut. The batch's buffers are given away. */
  append(batch: EventBatch): Promise<void>
  /** Everything acknowledged before this call is in commits up to the number it gives. */
  snapshot(): Promise<CommitNumber>
  /** Members of the window as of a snapshot, oldest first. */
  members(window: HourWindow, upTo: CommitNumber): Promise<Member[]>
  /** A member's compressed bytes. */
  readMember(member: Member): Promise<Uint8Array<ArrayBuffer>>
  /** Fills `target`, which may be shared between threads, with a segment's bytes from `offset` on. */
  readInto(segmentId: SegmentId, offset: number, target: Uint8Array): Promise<void>
  /** Bytes of a segment, in chunks. */
  stream(segmentId: SegmentId, offset: number, length: number): AsyncIterable<Uint8Array>
  /** Resolves when nothing waits to become durable. */
  drain(): Promise<void>
}

export interface EventStoreDeps {
  db: Kysely<IndexTables>
  blobs: BlobStore
  run: RunInThread
  clock: Clock
  commitWindowMs: number
  commitBytesMax: number
  waitingBytesMax: number
  partSizeBytes: number
}

export function createEventStore(deps: EventStoreDeps): EventStore {
  const groupCommit = createGroupCommit({
    windowMs: deps.commitWindowMs,
    bytesMax: deps.commitBytesMax,
    waitingBytesMax: deps.waitingBytesMax,
    commit: createCommitter(deps),
  })
  return {
    append: (batch) => groupCommit.append(batch),
    drain: () => groupCommit.drain(),
    snapshot: () => latestCommit(deps.db),
    members: (window, upTo) => readMembers(deps.db, window, upTo),
    readMember: (member) => deps.blobs.read(member.segmentId, member.byteOffset, member.byteLength),
    readInto: (segmentId, offset, target) => deps.blobs.readInto(segmentId, offset, target),
    stream: (segmentId, offset, length) => deps.blobs.stream(segmentId, offset, length),
  }
}

/**
 * Makes the commit of a group. Seals, writes and syncs the segment, then makes it visible: in that order, or a crash
 * could lose what was answered.
 */
function createCommitter(deps: EventStoreDeps): (batches: EventBatch[]) => Promise<void> {
  const nextSegmentId = createSegmentIds(deps.clock)
  let indexFailed = false
  return async (batches) => {
    // While the database is away, no segment is written that nothing would ever name.
    if (indexFailed) await confirmed(latestCommit(deps.db))
    const sealed: SealedSegment = await deps.run(
      'sealSegment',
      { batches, partSizeBytes: deps.partSizeBytes } satisfies SealInput,
      batches.flatMap(buffersOf),
    )
    const id = nextSegmentId()
    await deps.blobs.write(id, sealed.bytes)
    const createdAt = new Date(deps.clock.nowMs())
    const segment = { id, byteLength: sealed.bytes.length, createdAt, members: sealed.members }
    indexFailed = true
    await confirmed(recordCommit(deps.db, segment))
    indexFailed = false
  }
}

async function confirmed(answer: Promise<unknown>): Promise<void> {
  try {
    await answer
  } catch (cause) {
    // A segment that was written stays: the database may have committed before the connection broke. If it did not,
    // nothing names the segment, and `store check` shows it.
    throw new PenstockError(
      'outside',
      'STORE_INDEX_UNAVAILABLE',
      'the database did not confirm that the events are stored: send them again; the same events are kept once',
      { cause, retryable: true },
    )
  }
}

function buffersOf(batch: EventBatch): ArrayBuffer[] {
  return [
    batch.lines.buffer,
    batch.lineEnds.buffer,
    batch.timesMs.buffer,
    batch.nameIndexes.buffer,
    batch.dedupKeys.buffer,
  ]
}
