import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AwsRequest } from '../aws/aws-requests.ts'
import { readVersion } from '../version.ts'

export interface Metrics {
  registry: Registry
  /** Events that became durable. */
  eventsStored: Counter
  bytesStored: Counter
  /** Seconds of each, by `outcome`: durable, failed. */
  commits: Histogram<'outcome'>
  /** By `reason`, a code of docs/errors.md or one of Fastify's. */
  requestsRefused: Counter<'reason'>
  /** By `outcome`: succeeded, retried, refused, broken off. */
  runsEnded: Counter<'outcome'>
  eventsExported: Counter
  bytesExported: Counter
  /** By `target`: destination or store. */
  awsRequests: Counter<'target' | 'action' | 'outcome'>
  requestRetries: Counter<'action'>
  /** By `outcome`: delivered, postponed, given up. */
  notifications: Counter<'outcome'>
  membersMerged: Counter
  mergedBytesWritten: Counter
  segmentBytesRemoved: Counter
  threadsQueued: Gauge
}

/** A commit takes milliseconds on a disk and tenths of a second in a bucket; it is late after ten seconds. */
const commitBucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What `GET /metrics` shows (Prometheus), but for what the database knows. No label has values that customers choose. */
export function createMetrics(threadsQueued: () => number): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  tellVersion(registers)
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers })
  const counterBy = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers })
  return {
    registry,
    eventsStored: counter('penstock_events_stored_total', 'Events that became durable'),
    bytesStored: counter(
      'penstock_bytes_stored_total',
      'Uncompressed bytes of event lines that became durable',
    ),
    commits: new Histogram({
      name: 'penstock_commit_seconds',
      help: 'Group commits by how they ended, and how long each took',
      labelNames: ['outcome'],
      buckets: commitBucketsSeconds,
      registers,
    }),
    requestsRefused: counterBy(
      'penstock_requests_refused_total',
      'Requests that were answered with an error, by its code',
      ['reason'],
    ),
    runsEnded: counterBy('penstock_runs_ended_total', 'Attempts at runs by how they ended', ['outcome']),
    eventsExported: counter('penstock_events_exported_total', 'Events in finished folders'),
    bytesExported: counter('penstock_bytes_exported_total', 'Compressed bytes in finished folders'),
    awsRequests: counterBy(
      'penstock_aws_requests_total',
      'Requests to S3, STS and KMS, each try, by what they were for, their action and their outcome',
      ['target', 'action', 'outcome'],
    ),
    requestRetries: counterBy(
      'penstock_aws_request_retries_total',
      'Requests to destinations that were sent again',
      ['action'],
    ),
    notifications: counterBy('penstock_notifications_total', 'Calls of the webhook by how they ended', [
      'outcome',
    ]),
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
      registers,
      collect() {
        this.set(threadsQueued())
      },
    }),
  }
}

function tellVersion(registers: Registry[]): void {
  const name = 'penstock_build_info'
  const info = new Gauge({
    ...{ name, help: 'Always 1: its label says which version runs', labelNames: ['version'] },
    registers,
  })
  info.set({ version: readVersion() }, 1)
}

/** Counts requests to one kind of place. */
export function countAwsRequests(
  { awsRequests }: Pick<Metrics, 'awsRequests'>,
  target: 'destination' | 'store',
): (request: AwsRequest) => void {
  return ({ action, outcome }) => awsRequests.inc({ target, action, outcome })
}
