/** The event store: durable batches in; snapshots, members and their dedup records out. */
import type { Clock } from '../../clock.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { CommitNumber } from '../../ids.ts'
import type { EventBatch } from '../ingest/event-batch.ts'
import { createGroupCommit } from './group-commit.ts'
import { latestCommit, recordCommit } from './member-index.ts'
import { createMemberReader, type MemberReader, type MemberReaderDeps } from './member-reader.ts'
import type { SealedSegment } from './seal-member.ts'
import type { SealInput } from './seal-segment.ts'
import { createSegmentIds } from './segment-id.ts'
import { openHold, type StoreHold, withHold } from './store-hold.ts'

export interface EventStore extends MemberReader {
  /** Resolves when every event of the batch survives a power cut. The batch's buffers are given away. */
  append(batch: EventBatch): Promise<void>
  /** Everything acknowledged before this call is in commits up to the number it gives. */
  snapshot(): Promise<CommitNumber>
  /** What `members` names while `read` is under way stays readable until its end. */
  hold<Result>(read: () => Promise<Result>): Promise<Result>
  /** The same for a reader that is not one call: until it releases the hold. */
  openHold(): Promise<StoreHold>
  /** Resolves when nothing waits to become durable. */
  drain(): Promise<void>
}

export interface EventStoreDeps extends MemberReaderDeps {
  /** The database as `db`, for commits: a query that hangs must end. */
  commitDb: MemberReaderDeps['db']
  clock: Clock
  commitWindowMs: number
  commitBytesMax: number
  waitingBytesMax: number
  commitMsMax: number
  partSizeBytes: number
  /** Around each group commit: sees what it is of, how long it takes and whether it fails. */
  observeCommit?: ObserveCommit
}

export type ObserveCommit = (batches: readonly EventBatch[], commit: () => Promise<void>) => Promise<void>

export function createEventStore(deps: EventStoreDeps): EventStore {
  const groupCommit = createGroupCommit({
    windowMs: deps.commitWindowMs,
    bytesMax: deps.commitBytesMax,
    waitingBytesMax: deps.waitingBytesMax,
    commitMsMax: deps.commitMsMax,
    commit: observed(createCommitter(deps), deps.observeCommit),
  })
  return {
    append: (batch) => groupCommit.append(batch),
    drain: () => groupCommit.drain(),
    snapshot: () => latestCommit(deps.db),
    hold: (read) => withHold(deps.db, read),
    openHold: () => openHold(deps.db),
    ...createMemberReader(deps),
  }
}

function observed(
  commit: (batches: EventBatch[]) => Promise<void>,
  observeCommit: ObserveCommit | undefined,
): (batches: EventBatch[]) => Promise<void> {
  if (observeCommit === undefined) return commit
  return (batches) => observeCommit(batches, () => commit(batches))
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
    if (indexFailed) await confirmed(latestCommit(deps.commitDb))
    const sealed: SealedSegment = await deps.run(
      'sealSegment',
      { batches, partSizeBytes: deps.partSizeBytes } satisfies SealInput,
      batches.flatMap(buffersOf),
    )
    const id = nextSegmentId()
    await deps.blobs.write(id, sealed.bytes)
    const segment = { id, byteLength: sealed.bytes.length, members: sealed.members }
    indexFailed = true
    await confirmed(recordCommit(deps.commitDb, segment))
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
