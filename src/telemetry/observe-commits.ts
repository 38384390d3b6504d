import type { ObserveCommit } from '../data/store/event-store.ts'
import type { Metrics } from './metrics.ts'
import type { Tracing } from './tracing.ts'

/** Counts and traces commits and what became durable by them. */
export function observeCommits(
  metrics: Pick<Metrics, 'commits' | 'eventsStored' | 'bytesStored'>,
  tracing: Tracing,
): ObserveCommit {
  return async (batches, commit) => {
    // The batches' buffers are given away, so they are counted before.
    const events = batches.reduce((sum, { count }) => sum + count, 0)
    const bytes = batches.reduce((sum, { lines }) => sum + lines.length, 0)
    const attributes = {
      'penstock.batches': batches.length,
      'penstock.events': events,
      'penstock.bytes': bytes,
    }
    const endTimer = metrics.commits.startTimer()
    try {
      await tracing.span('commit', { attributes, of: batches }, commit)
    } catch (cause) {
      endTimer({ outcome: 'failed' })
      throw cause
    }
    endTimer({ outcome: 'durable' })
    metrics.eventsStored.inc(events)
    metrics.bytesStored.inc(bytes)
  }
}
