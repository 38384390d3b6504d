/**
 * A process that compacts a store until it comes to a step: there it is killed, as by `kill -9`, or stopped until somebody
 * lets it go on. Database, folder, step, signal.
 */
import { writeSync } from 'node:fs'
import { systemClock } from '../../src/clock.ts'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import { compactStore } from '../../src/data/store/merge/compact-store.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { type CompactionStep, compactionPartSizeBytes } from './compaction-steps.ts'

const [url = '', folder = '', step = '', signal = 'SIGKILL'] = process.argv.slice(2)
let isThere = false

async function at(reached: CompactionStep): Promise<void> {
  if (reached !== step || isThere) return
  isThere = true
  // Before it is stopped there is nobody else who could tell.
  writeSync(1, `${step}\n`)
  process.kill(process.pid, signal)
  if (signal === 'SIGKILL') await new Promise(() => {})
}

const blobs = await openFileBlobStore(folder)
const killed: BlobStore = {
  ...blobs,
  read: async (...range) => {
    await at('reading')
    return await blobs.read(...range)
  },
  write: async (id, bytes) => {
    await at('named')
    if (step === 'half written') await blobs.write(id, bytes.subarray(0, bytes.length / 2))
    await at('half written')
    await blobs.write(id, bytes)
    await at('written')
  },
  remove: async (ids) => {
    if (ids.length > 0) await at('marked')
    if (step === 'half removed') await blobs.remove(ids.slice(0, ids.length / 2))
    if (ids.length > 0) await at('half removed')
    await blobs.remove(ids)
    if (ids.length > 0) await at('removed')
  },
}
const { db } = connectDatabase(url, { applicationName: 'compaction', connectionsMax: 4 })
const { run } = createThreadPool(1, { background: true })
await compactStore(
  {
    ...{ db: db.withTables<IndexTables>(), blobs: killed, run, clock: systemClock },
    ...{ partSizeBytes: compactionPartSizeBytes, mergeBytesMax: 1_000_000 },
    retentionDays: undefined,
    signal: new AbortController().signal,
  },
  { fanIn: 2, everyHour: true, waits: true, pace: () => at('swapped') },
)
process.exit(0)
