import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  /** Events that became durable. */
  eventsStored: Counter
  bytesStored: Counter
  /** By `outcome`: succeeded, retried, refused, broken off. */
  runsEnded: Counter<'outcome'>
  eventsExported: Counter
  bytesExported: Counter
  membersMerged: Counter
  mergedBytesWritten: Counter
  segmentBytesRemoved: Counter
  threadsQueued: Gauge
}

/** What `GET /metrics` shows (Prometheus). */
export function createMetrics(threadsQueued: () => number): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers: [registry] })
  return {
    registry,
    eventsStored: counter('penstock_events_stored_total', 'Events that became durable'),
    bytesStored: counter(
      'penstock_bytes_stored_total',
      'Uncompressed bytes of event lines that became durable',
    ),
    runsEnded: new Counter({
      name: 'penstock_runs_ended_total',
      help: 'Attempts at runs by how they ended',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    eventsExported: counter('penstock_events_exported_total', 'Events in finished folders'),
    bytesExported: counter('penstock_bytes_exported_total', 'Compressed bytes in finished folders'),
    membersMerged: counter('penstock_members_merged_total', 'Members that compaction merged into others'),
    mergedBytesWritten: counter(
      'penstock_merged_bytes_written_total',
      'Bytes of segments that compaction wrote',
    ),
    segmentBytesRemoved: counter(
      'penstock_segment_bytes_removed_total',
      'Bytes of segments that compaction or retention removed',
    ),
    threadsQueued: new Gauge({
      name: 'penstock_threads_queued',
      help: 'Tasks that wait for a thread',
      registers: [registry],
      collect() {
        this.set(threadsQueued())
      },
    }),
  }
}
