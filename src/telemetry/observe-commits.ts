import type { ObserveCommit } from '../data/store/event-store.ts'
import type { Metrics } from './metrics.ts'

/** Counts commits and what became durable by them. */
export function observeCommits(
  metrics: Pick<Metrics, 'commits' | 'eventsStored' | 'bytesStored'>,
): ObserveCommit {
  return async (batches, commit) => {
    // The batches' buffers are given away, so they are counted before.
    const events = batches.reduce((sum, { count }) => sum + count, 0)
    const bytes = batches.reduce((sum, { lines }) => sum + lines.length, 0)
    const endTimer = metrics.commits.startTimer()
    try {
      await commit()
    } catch (cause) {
      endTimer({ outcome: 'failed' })
      throw cause
    }
    endTimer({ outcome: 'durable' })
    metrics.eventsStored.inc(events)
    metrics.bytesStored.inc(bytes)
  }
}
