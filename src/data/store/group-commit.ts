/**
 * Group commit. A batch that comes while nothing is being committed is committed at once. One that comes beside a commit
 * waits at most the commit window (or until enough bytes wait, or that commit ends) and then shares one segment, one sync
 * and one transaction with all that wait beside it, up to a bound of bytes, which projects share (share-commit.ts).
 *
 *   waiting ──▶ committing (at most `commitsInFlightMax`) ──▶ durable: every append resolves
 *      │             │                          └───────────▶ failed: every append rejects
 *      └─────────────┴──▶ late: every append rejects, and so do new ones until the commit has ended after all
 */
import { PenstockError } from '../../errors/penstock-error.ts'
import type { EventBatch } from '../ingest/event-batch.ts'
import { shareCommit } from './share-commit.ts'

/** Two: one commit's compression overlaps the other's sync. */
const commitsInFlightMax = 2

export interface GroupCommitOptions {
  windowMs: number
  /** Uncompressed bytes after which a commit waits no longer, and takes no more. */
  bytesMax: number
  /** Uncompressed bytes that may wait; past it an append is refused. */
  waitingBytesMax: number
  /** After which a commit is late: nobody waits for it any longer. */
  commitMsMax: number
  /** Makes the batches durable, all or none. */
  commit(batches: EventBatch[]): Promise<void>
}

export interface GroupCommit {
  /** Resolves when the batch is durable. */
  append(batch: EventBatch): Promise<void>
  /** Resolves when nothing waits and nothing is being committed. */
  drain(): Promise<void>
}

interface Waiting {
  batch: EventBatch
  resolve(): void
  reject(cause: unknown): void
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let timer: NodeJS.Timeout | undefined
  const inFlight = new Set<Promise<void>>()
  let lateCount = 0

  const takeWaiting = (bytesMax: number): Waiting[] => {
    clearTimeout(timer)
    timer = undefined
    if (waitingBytes <= bytesMax) {
      const taken = waiting
      waiting = []
      waitingBytes = 0
      return taken
    }
    const { taken, left } = shareCommit(waiting, bytesMax)
    waiting = left
    waitingBytes = left.reduce((bytes, { batch }) => bytes + batch.lines.length, 0)
    return taken
  }

  /** Starts a commit if there is something to commit and a place for it. */
  const start = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0 || inFlight.size >= commitsInFlightMax) return
    const shared = takeWaiting(options.bytesMax)
    let isLate = false
    const lateness = setTimeout(() => {
      isLate = true
      lateCount += 1
      for (const { reject } of [...shared, ...takeWaiting(Number.POSITIVE_INFINITY)])
        reject(late(options.commitMsMax))
    }, options.commitMsMax)
    const committing = settle(shared, options.commit).finally(() => {
      clearTimeout(lateness)
      if (isLate) lateCount -= 1
      inFlight.delete(committing)
      // What came beside it has waited long enough.
      start()
    })
    inFlight.add(committing)
    // What is left has waited as long.
    start()
  }

  return {
    append: (batch) => {
      if (lateCount > 0) return Promise.reject(late(options.commitMsMax))
      if (waitingBytes + batch.lines.length > options.waitingBytesMax) return Promise.reject(busy())
      return new Promise<void>((resolve, reject) => {
        waiting.push({ batch, resolve, reject })
        waitingBytes += batch.lines.length
        if (inFlight.size === 0 || waitingBytes >= options.bytesMax) start()
        else timer ??= setTimeout(start, options.windowMs)
      })
    },
    drain: async () => {
      while (waiting.length > 0 || inFlight.size > 0) {
        start()
        await Promise.all(inFlight)
      }
    },
  }
}

async function settle(shared: Waiting[], commit: GroupCommitOptions['commit']): Promise<void> {
  try {
    await commit(shared.map(({ batch }) => batch))
    for (const { resolve } of shared) resolve()
  } catch (cause) {
    for (const { reject } of shared) reject(cause)
  }
}

function busy(): PenstockError {
  return new PenstockError(
    'outside',
    'STORE_BUSY',
    'more events wait for the disk than may wait: try again in a moment; nothing of this was stored',
    { retryable: true },
  )
}

/** Whether it is stored is not known yet: what is sent again is kept once. */
function late(commitMsMax: number): PenstockError {
  return new PenstockError(
    'outside',
    'STORE_SLOW',
    `a commit takes longer than ${commitMsMax / 1000} seconds: look at the disk of the event store and at the database; send the events again, the same events are kept once`,
    { retryable: true },
  )
}
