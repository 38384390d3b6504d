/**
 * Group commit. A batch waits at most the commit window (or until enough bytes wait) and then shares one segment, one
 * sync and one transaction with all that wait beside it.
 *
 *   waiting ──window or bytes──▶ committing (at most `commitsInFlightMax`) ──▶ durable: every append resolves
 *                                                                     └─────▶ failed: every append rejects
 */
import { PenstockError } from '../../errors/penstock-error.ts'
import type { EventBatch } from '../ingest/event-batch.ts'

/** Two: one commit's compression overlaps the other's sync. */
const commitsInFlightMax = 2

export interface GroupCommitOptions {
  windowMs: number
  /** Uncompressed bytes after which a commit waits no longer. */
  bytesMax: number
  /** Uncompressed bytes that may wait; past it an append is refused. */
  waitingBytesMax: number
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

  /** Starts a commit if there is something to commit and a place for it. */
  const start = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0 || inFlight.size >= commitsInFlightMax) return
    const shared = waiting
    waiting = []
    waitingBytes = 0
    const committing = settle(shared, options.commit).finally(() => {
      inFlight.delete(committing)
      // What came while every place was taken has waited long enough.
      start()
    })
    inFlight.add(committing)
  }

  return {
    append: (batch) => {
      if (waitingBytes + batch.lines.length > options.waitingBytesMax) return Promise.reject(busy())
      return new Promise<void>((resolve, reject) => {
        waiting.push({ batch, resolve, reject })
        waitingBytes += batch.lines.length
        if (waitingBytes >= options.bytesMax) start()
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
