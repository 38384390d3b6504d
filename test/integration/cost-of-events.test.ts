/** What events cost in requests to the store's S3 and in rows, counted: docs/guides/operate.md reckons with these numbers. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settings } from '../../src/config/settings.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { openS3BlobStore } from '../../src/data/store/s3/s3-blob-store.ts'
import type { LocalHour, ProjectId } from '../../src/ids.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'
import { type StoreSandbox, startStoreSandbox } from '../support/store-sandbox.ts'

const day = 473_352 as LocalHour
const commits = 12

let storePlace: StorePlace
let storeSandbox: StoreSandbox
let blobs: BlobStore
let world: ExportWorld
let projectId: ProjectId
beforeAll(async () => {
  storePlace = await openStorePlace('cost')
  storeSandbox = await startStoreSandbox()
  blobs = await openS3BlobStore(storeSandbox.options())
  const sizes = { partSizeBytes: 1024 * 1024, fileSizeBytes: 64 * 1024 * 1024 }
  world = await createExportWorld({
    ...{ ...storePlace, sizes, blobs },
    startMs: (day + 48) * 3_600_000,
  })
  // By default; the world's own is small, so that keys are read in several passes.
  world.deps.dedupKeysInMemoryMax = settings.dedupKeysInMemoryMax.default
  projectId = await insertProject(storePlace.db)
})
afterAll(async () => {
  blobs?.close()
  await storeSandbox?.close()
  await storePlace?.close()
})

async function rowsOf(table: 'segment' | 'member'): Promise<number> {
  const { rows } = await storePlace.database.pool.query(`select count(*)::integer as count from ${table}`)
  return rows[0].count
}

/** How often each action was asked of the store's S3 meanwhile. */
async function countsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const action of await storeSandbox.control.actionsOf(work)) counts[action] = (counts[action] ?? 0) + 1
  return counts
}

/** Of one commit, over hours of the day: few for an hour, so that they share a member. */
function eventsOf(commit: number) {
  return Array.from({ length: 48 }, (_, index) => ({
    event: index % 2 === 0 ? 'Viewed' : 'Paid',
    properties: {
      time: day * 3600 + index * 1800 + commit,
      distinct_id: 'ann',
      $insert_id: `e-${commit}-${index}`,
    },
  }))
}

test('a commit is one PUT, one row of `segment`, and one of `member` for each project that has little in it', async () => {
  for (let commit = 0; commit < commits; commit++) {
    const counts = await countsOf(() => world.append(projectId, 'UTC', eventsOf(commit)))
    expect(counts).toEqual({ PutObject: 1 })
  }
  expect([await rowsOf('segment'), await rowsOf('member')]).toEqual([commits, commits])
})

test('a folder whose members are not merged costs two GETs for each, and what is delivered two listings and a PUT more than files', async () => {
  const counts = await countsOf(() => exportDay('unmerged'))
  expect(counts).toEqual({ GetObject: 2 * commits })
  expect(asked()).toEqual(['list', 'put part', 'list', 'put complete'])
})

test('a merge is one PUT and two GETs for each member that ingest wrote; each emptied segment goes by one DELETE', async () => {
  const counts = await countsOf(() => world.compact({ mergeBytesMax: 32 * 1024 * 1024, fanIn: 10 }))
  expect(counts).toEqual({ PutObject: 1, GetObject: 2 * commits, DeleteObject: commits })
  expect([await rowsOf('segment'), await rowsOf('member')]).toEqual([1, 1])
})

test('once they are merged the folder costs two GETs in all', async () => {
  expect(await countsOf(() => exportDay('merged'))).toEqual({ GetObject: 2 })
  expect(asked()).toEqual(['list', 'put part', 'list', 'put complete'])
})

async function exportDay(s3_prefix: string): Promise<void> {
  world.bucket.requests.length = 0
  const pipelineId = await insertPipeline(storePlace.db, projectId, { s3_prefix })
  const runId = await insertRun(storePlace.db, pipelineId, { local_hour: day, kind: 'export' })
  await world.work(runId)
  expect(await readRun(storePlace.db, runId)).toMatchObject({ state: 'succeeded', events: 48 * commits })
}

/** Of the destination, without the keys. */
function asked(): string[] {
  return world.bucket.requests.map((request) =>
    request
      .replace(/ \S*full_day\//, ' ')
      .replace(/part-\S+/, 'part')
      .trim(),
  )
}
