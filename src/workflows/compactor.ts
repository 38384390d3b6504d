/**
 * Compacts the event store in the background, at an interval, within a budget: one merge at a time, in a thread that gives
 * way to all others, and after each merge a rest that keeps to the bytes a second that it may merge.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { CompactDeps, Merged } from '../data/store/merge/compact-step.ts'
import { compactStore, freeSpace } from '../data/store/merge/compact-store.ts'
import { countedMax, readBacklog } from '../data/store/merge/merge-backlog.ts'
import { removeForgotten } from '../data/store/merge/remove-forgotten.ts'
import { segmentMadeAtMs } from '../data/store/segment-id.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ThreadPool } from '../threads/pool.ts'

export interface CompactorDeps extends Omit<CompactDeps, 'signal'> {
  metrics: Pick<Metrics, 'membersMerged' | 'mergedBytesWritten' | 'segmentBytesRemoved'>
  log: Logger
  /** Uncompressed; 0 merges nothing. */
  bytesPerSecondMax: number
  /** How long what ingest wrote may wait. */
  delayMs: number
  intervalMs: number
}

export interface Compactor {
  /** Breaks off a merge that is under way; what it wrote is cleared away by the next one. */
  stop(): Promise<void>
}

/**
 * Segments that must have members in the same hour before merged members are merged again: more, and readers meet more
 * members; fewer, and lines are written more often.
 */
const fanIn = 10
/** What waits is merged at once when it is so much: then hours and names have enough to fill members. */
const backlogMerges = 8

export function startCompactor(deps: CompactorDeps, threads: ThreadPool): Compactor {
  const stopping = new AbortController()
  const working = work(deps, stopping.signal)
  return {
    stop: async () => {
      stopping.abort()
      await working
      await threads.close()
    },
  }
}

/** How often it is looked for segments that nothing names. */
const forgottenIntervalMs = 3_600_000

async function work(deps: CompactorDeps, signal: AbortSignal): Promise<void> {
  let forgottenAtMs = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    try {
      await compactIfDue(deps, signal)
      if (performance.now() - forgottenAtMs >= forgottenIntervalMs) {
        forgottenAtMs = performance.now()
        const { bytes } = await removeForgotten({ ...deps, signal })
        deps.metrics.segmentBytesRemoved.inc(bytes)
      }
    } catch (error) {
      if (!signal.aborted) deps.log.warn({ err: error }, 'compaction was broken off; it tries again')
    }
    await sleep(deps.intervalMs, undefined, { signal }).catch(() => undefined)
  }
}

async function compactIfDue(deps: CompactorDeps, signal: AbortSignal): Promise<void> {
  const { metrics, log } = deps
  if (!(await isDue(deps))) {
    const removed = await freeSpace({ ...deps, signal }, false)
    metrics.segmentBytesRemoved.inc(removed.bytes)
    return
  }
  const pace = async ({ members, rawBytes, bytesWritten }: Merged): Promise<void> => {
    metrics.membersMerged.inc(members.length)
    metrics.mergedBytesWritten.inc(bytesWritten)
    await sleep((rawBytes / deps.bytesPerSecondMax) * 1000, undefined, { signal })
  }
  const compacted = await compactStore({ ...deps, signal }, { fanIn, everyHour: false, waits: false, pace })
  metrics.segmentBytesRemoved.inc(compacted.bytesRemoved)
  if (compacted.merges > 0) log.info(compacted, 'members were merged')
}

async function isDue({
  db,
  clock,
  delayMs,
  bytesPerSecondMax,
  mergeBytesMax,
}: CompactorDeps): Promise<boolean> {
  if (bytesPerSecondMax === 0) return false
  const backlog = await readBacklog(db)
  if (backlog === undefined) return false
  return (
    backlog.rawBytes >= backlogMerges * mergeBytesMax ||
    backlog.members >= countedMax ||
    clock.nowMs() - segmentMadeAtMs(backlog.oldest) >= delayMs
  )
}
