import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { checkStore } from '../../src/data/store/check-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import { freeSpace } from '../../src/data/store/merge/compact-store.ts'
import { removeForgotten } from '../../src/data/store/merge/remove-forgotten.ts'
import { sealSegment } from '../../src/data/store/seal-segment.ts'
import { createSegmentIds } from '../../src/data/store/segment-id.ts'
import type { CommitNumber, LocalHour, ProjectId } from '../../src/ids.ts'
import type { RunInThread } from '../../src/threads/pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf } from '../support/event-batches.ts'
import { createUngroupedStore } from '../support/ungrouped-store.ts'

const project = 7 as ProjectId
const dayMs = 86_400_000
const latest = Number.MAX_SAFE_INTEGER as CommitNumber
const now = Date.UTC(2026, 10, 25)

let database: TestDatabase
let db: Kysely<IndexTables>
let root: string
let blobs: BlobStore
let store: EventStore
let clockMs: number
beforeEach(async () => {
  database = await createTestDatabase()
  db = database.db.withTables<IndexTables>()
  root = await mkdtemp(join(tmpdir(), 'penstock-retention-'))
  blobs = await openFileBlobStore(root)
  clockMs = now
  store = createUngroupedStore({
    ...{ db, blobs, clock: { nowMs: () => clockMs }, partSizeBytes: 4096 },
    run: (async (_: string, input: Parameters<typeof sealSegment>[0]) => sealSegment(input)) as RunInThread,
  })
})
afterEach(async () => {
  await database.drop()
  await rm(root, { recursive: true })
})

/** A commit that arrives so many days before now, of events that happened so many days before now. */
async function append(arrivedDaysAgo: number, happenedDaysAgo: number[]): Promise<void> {
  clockMs = now - arrivedDaysAgo * dayMs
  const events = happenedDaysAgo.map((days) => ({
    event: 'Signed Up',
    properties: { time: (now - days * dayMs) / 1000, distinct_id: 'ann', $insert_id: `i-${days}` },
  }))
  await store.append(batchOf(project, 'Asia/Kolkata', events))
  clockMs = now
}

function free(retentionDays: number | undefined) {
  const { signal } = new AbortController()
  const clock = { nowMs: () => clockMs }
  return freeSpace({ db, blobs, clock, signal, retentionDays, partSizeBytes: 4096, mergeBytesMax: 1 }, true)
}

const day = (daysAgo: number) => {
  const fromHour = Math.floor((now - daysAgo * dayMs) / 3_600_000)
  return { projectId: project, fromHour: fromHour as LocalHour, toHour: (fromHour + 24) as LocalHour }
}

async function segmentsOnDisk(): Promise<number> {
  const files = await readdir(root, { recursive: true })
  return files.filter((name) => name.endsWith('.segment')).length
}

test('a segment goes when all of its events happened and arrived too long ago', async () => {
  await append(40, [41, 42])
  await append(40, [41, 20])
  await append(10, [300])
  await append(1, [1])
  expect(await free(undefined)).toMatchObject({ segments: 0 })
  expect(await free(30)).toMatchObject({ segments: 1 })
  expect(await segmentsOnDisk()).toBe(3)
  expect(await checkStore(db, blobs)).toMatchObject({ events: 4, problems: [] })
  expect(await free(5)).toMatchObject({ segments: 2 })
  expect(await checkStore(db, blobs)).toMatchObject({ events: 1, problems: [] })
})

test('days that may lack events are refused, also if they lack none, and stay refused', async () => {
  await append(40, [40])
  await append(1, [40, 1])
  expect(await store.members(day(40), latest)).toHaveLength(2)
  await free(30)
  const refusal = expect.objectContaining({ code: 'EVENTS_PAST_RETENTION', retryable: false })
  await expect(store.members(day(40), latest)).rejects.toEqual(refusal)
  await free(300)
  await expect(store.members(day(40), latest)).rejects.toEqual(refusal)
  expect(await store.members(day(1), latest)).toHaveLength(1)
})

test('a reader that began before keeps what it reads', async () => {
  await append(40, [40])
  await store.hold(async () => {
    const [member] = await store.members(day(40), latest)
    expect(await free(30)).toMatchObject({ segments: 0 })
    if (member === undefined) throw new Error('the day has no member')
    expect((await store.readMember(member)).length).toBe(member.byteLength)
  })
  expect(await free(30)).toMatchObject({ segments: 1 })
})

test('what nothing names goes past retention, and only then', async () => {
  const written = async (daysAgo: number) => {
    const id = createSegmentIds({ nowMs: () => now - daysAgo * dayMs })()
    await blobs.write(id, new Uint8Array(100))
    return id
  }
  // Named, and old: it has an event that is younger.
  await append(50, [51, 5])
  const old = await written(33)
  const younger = [await written(31), await written(1)]
  const forget = (retentionDays: number | undefined) =>
    removeForgotten({
      ...{ db, blobs, retentionDays, clock: { nowMs: () => clockMs } },
      signal: new AbortController().signal,
    })
  expect(await forget(undefined)).toEqual({ segments: 0, bytes: 0 })
  expect(await forget(30)).toEqual({ segments: 1, bytes: 100 })
  const left = (await Array.fromAsync(blobs.list())).map(({ id }) => id)
  expect(left).toHaveLength(3)
  expect(left).not.toContain(old)
  expect(left).toEqual(expect.arrayContaining(younger))
})
