/** A store, a control plane and a bucket in memory: runs are worked by the product's own workflow. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { systemClock } from '../../src/clock.ts'
import type { Database } from '../../src/control/db/tables.ts'
import { readProfileValues } from '../../src/control/profiles/read-profile-values.ts'
import type { DedupHash } from '../../src/data/ingest/dedup-key.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import { compactStore } from '../../src/data/store/merge/compact-store.ts'
import type { ProjectId, RunId } from '../../src/ids.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { noTracing } from '../../src/telemetry/tracing.ts'
import type { ThreadPool } from '../../src/threads/pool.ts'
import { type RunExportDeps, runExport } from '../../src/workflows/run-export.ts'
import { batchOf, type TestEvent } from './event-batches.ts'
import { createMemoryBucket, type MemoryBucket } from './memory-bucket.ts'
import { silentLog } from './silent-log.ts'
import { createUngroupedStore } from './ungrouped-store.ts'

export interface ExportWorld {
  store: EventStore
  bucket: MemoryBucket
  clock: { ms: number; nowMs(): number }
  deps: RunExportDeps
  /** Events become durable in one commit. */
  append(projectId: ProjectId, timeZone: string, events: TestEvent[], hash?: DedupHash): Promise<void>
  /** Merges members by so many bytes of lines at once, once that many segments hold the same hour. */
  compact(limits: { mergeBytesMax: number; fanIn: number }): Promise<void>
  /** One attempt of a worker that nobody has seen before. */
  work(runId: RunId): Promise<void>
}

export interface WorldOptions {
  db: Kysely<Database>
  threads: ThreadPool
  /** Of its own; the world leaves its files there. */
  folder: string
  startMs: number
  sizes?: { partSizeBytes: number; fileSizeBytes: number }
  /** Where segments are, if not in files of the folder. */
  blobs?: BlobStore
}

/** So small that a few hundred events are several members and several files. */
const smallSizes = { partSizeBytes: 2048, fileSizeBytes: 600 }

export async function createExportWorld({
  db,
  threads,
  folder,
  startMs,
  sizes = smallSizes,
  blobs: given,
}: WorldOptions): Promise<ExportWorld> {
  const clock = { ms: startMs, nowMs: () => clock.ms }
  const bucket = createMemoryBucket()
  const blobs = given ?? (await openFileBlobStore(join(folder, 'events')))
  const store = createUngroupedStore({
    db: db.withTables(),
    blobs,
    run: threads.run,
    waitingBytesMax: 10_000_000,
    partSizeBytes: sizes.partSizeBytes,
  })
  const deps: RunExportDeps = {
    ...{ db, store, clock, destinations: bucket.destinations, run: threads.run, log: silentLog },
    metrics: createMetrics(() => 0),
    tracing: noTracing,
    jobs: { enqueue: async () => {} },
    readProfiles: (projectId, ids, names) => readProfileValues(db, { projectId, ids, names }),
    workerId: '',
    spoolFolder: join(folder, 'spool'),
    ...sizes,
    dedupKeysInMemoryMax: 64,
    uploadsMax: 2,
    leaseMs: 60_000,
    timeoutMs: 600_000,
    attemptsMax: 100,
    retryBaseMs: 1,
    refusalsMax: 100,
  }
  return {
    ...{ store, bucket, clock, deps },
    append: (projectId, timeZone, events, hash) => store.append(batchOf(projectId, timeZone, events, hash)),
    compact: async ({ mergeBytesMax, fanIn }) => {
      const { signal } = new AbortController()
      await compactStore(
        {
          ...{ db: db.withTables(), blobs, run: threads.run, clock: systemClock },
          ...{ partSizeBytes: sizes.partSizeBytes, mergeBytesMax, retentionDays: undefined, signal },
        },
        { fanIn, everyHour: true, waits: true, pace: async () => {} },
      )
    },
    work: (runId) =>
      runExport({ ...deps, workerId: randomBytes(8).toString('hex') }, runId, new AbortController().signal),
  }
}
