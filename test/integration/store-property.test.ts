/**
 * Any sequence of commits, duplicates and crashes gives the same folder as a naive model.
 *
 * 1. Batches of events from a small universe (so that duplicates are frequent) are appended by two projects in two
 *    zones; some appends crash: before the segment, half-way through it, or after it and before the index.
 * 2. The store is closed and opened again at random.
 * 3. Every day of every project is exported, whole, by event names and by an expression, and compared with what a Map
 *    and a naive evaluation say.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { exportFiles } from '../../src/data/export/export-files.ts'
import { exportPieces } from '../../src/data/export/export-pieces.ts'
import { dedupKey } from '../../src/data/ingest/dedup-key.ts'
import { planExport, type Selection } from '../../src/data/plan/export-plan.ts'
import { findDuplicates } from '../../src/data/plan/find-duplicates.ts'
import { parseExpression } from '../../src/data/segmentation/parse-expression.ts'
import { openSpool } from '../../src/data/spool.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { createEventStore, type EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { LocalHour, ProjectId, SegmentId } from '../../src/ids.ts'
import { localHour } from '../../src/local-time/zone-offsets.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, identityOf, lineOf, type TestEvent } from '../support/event-batches.ts'
import { naiveWhere } from '../support/naive-where.ts'

const zones = new Map([
  [1 as ProjectId, 'America/St_Johns'],
  [2 as ProjectId, 'Asia/Kolkata'],
])
const names = ['Signed Up', 'Page Viewed', 'Page', 'a"quoted\\name', 'Ünïcode ✓']
const settings = { partSizeBytes: 2048, fileSizeBytes: 4096, keysInMemoryMax: 64 }

let database: TestDatabase
let threads: ThreadPool
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  threads = createThreadPool(2)
  folder = await mkdtemp(join(tmpdir(), 'penstock-store-'))
})
afterAll(async () => {
  await threads.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const event: fc.Arbitrary<TestEvent> = fc.record({
  event: fc.constantFrom(...names),
  properties: fc.record({
    time: fc.integer({ min: 0, max: 7 }).map((place) => 1_700_000_000 + place * 6 * 3600),
    distinct_id: fc.constantFrom('ann', 'bob'),
    $insert_id: fc.constantFrom('i-1', 'i-2', 'i-3'),
    payload: fc.string({ maxLength: 40 }),
  }),
})
const selection: fc.Arbitrary<Selection> = fc.record(
  {
    eventNames: fc.subarray(names, { minLength: 1 }).map((wanted) => new Set(wanted)),
    where: fc.constantFrom(
      'properties["$insert_id"] == "i-2"',
      '"a" in properties["payload"] or event["$event_name"] == "Page"',
      'event["$time"] < datetime(1700021600) and not properties["distinct_id"] in ["bob"]',
      'properties["payload"] != ""',
    ),
  },
  { requiredKeys: [] },
)
type Crash = 'none' | 'before-segment' | 'half-segment' | 'before-index'
const append = fc.record({
  kind: fc.constant('append' as const),
  projectId: fc.constantFrom(...zones.keys()),
  events: fc.array(event, { minLength: 1, maxLength: 40 }),
  crash: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Crash>('none') },
    { weight: 1, arbitrary: fc.constantFrom<Crash>('before-segment', 'half-segment', 'before-index') },
  ),
})
const step = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
)

test('a folder holds each event once, the newest of its duplicates, whatever crashed in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      selection,
      async (steps, weakHash, selected) => {
        await emptyIndex()
        const blobs = await openFileBlobStore(await mkdtemp(join(folder, 'run-')))
        const model = new Map<string, { projectId: ProjectId; event: TestEvent }>()
        let crash: Crash = 'none'
        const open = () => openStore(crashing(blobs, () => crash))
        let store = open()
        for (const work of steps) {
          if (work.kind === 'reopen') {
            store = open()
            continue
          }
          crash = work.crash
          const { projectId } = work
          // Sixteen different keys for all events: nearly every comparison is a collision.
          const hash = weakHash
            ? (text: string | Uint8Array) => String.fromCharCode(dedupKey(text).charCodeAt(0) & 15).repeat(16)
            : dedupKey
          const stored = store.append(batchOf(projectId, zones.get(projectId) ?? '', work.events, hash))
          if (work.crash !== 'none') {
            await expect(stored).rejects.toThrow()
            continue
          }
          await stored
          for (const each of work.events)
            model.set(`${projectId} ${identityOf(each)}`, { projectId, event: each })
        }
        await compareFolders(open(), model, {})
        await compareFolders(open(), model, selected)
      },
    ),
    { numRuns: 60 },
  )
})

async function compareFolders(
  store: EventStore,
  model: Map<string, { projectId: ProjectId; event: TestEvent }>,
  selected: Selection,
): Promise<void> {
  for (const [projectId, zone] of zones) {
    const firstDay = Math.floor(localHour(zone, 1_700_000_000_000) / 24)
    for (let day = firstDay; day < firstDay + 4; day++) {
      const expected = [...model.values()]
        .filter((entry) => entry.projectId === projectId && isSelected(entry.event, selected))
        .filter(
          ({ event: { properties } }) => Math.floor(localHour(zone, properties.time * 1000) / 24) === day,
        )
        .map((entry) => lineOf(entry.event))
      const exported = await exportLines(store, projectId, day, selected)
      expect(exported.sort()).toEqual(expected.sort())
    }
  }
}

function isSelected(event: TestEvent, { eventNames, where }: Selection): boolean {
  const isMet = where === undefined || naiveWhere(parseExpression(where), event)
  return isMet && (eventNames?.has(event.event) ?? true)
}

async function exportLines(
  store: EventStore,
  projectId: ProjectId,
  day: number,
  selected: Selection,
): Promise<string[]> {
  const { signal } = new AbortController()
  const window = { projectId, fromHour: (day * 24) as LocalHour, toHour: (day * 24 + 24) as LocalHour }
  const members = await store.members(window, await store.snapshot())
  const spoolFolder = join(folder, 'spool')
  const losing = await findDuplicates({ store, run: threads.run, spoolFolder, signal, ...settings }, members)
  const plan = planExport({ members, losing, ...selected })
  const spool = await openSpool(spoolFolder)
  const lines: string[] = []
  const pieces = exportPieces({ store, run: threads.run, spool, signal, ...settings }, plan)
  for await (const file of exportFiles(pieces, settings.fileSizeBytes)) {
    const bytes = Buffer.concat(await file.open().toArray())
    expect(bytes.length).toBe(file.lengthBytes)
    const text = gunzipSync(bytes).toString()
    expect(text.endsWith('\n')).toBe(true)
    const fileLines = text.slice(0, -1).split('\n')
    expect(fileLines).toHaveLength(file.eventCount)
    lines.push(...fileLines)
  }
  await spool.close()
  return lines
}

function openStore(blobs: BlobStore): EventStore {
  return createEventStore({
    db: database.db.withTables(),
    blobs,
    run: threads.run,
    clock: systemClock,
    commitWindowMs: 0,
    commitBytesMax: 1,
    waitingBytesMax: 1_000_000,
    partSizeBytes: settings.partSizeBytes,
  })
}

/** A blob store whose next write meets the crash that `crash` names. */
function crashing(blobs: BlobStore, crash: () => Crash): BlobStore {
  return {
    ...blobs,
    write: async (id, bytes) => {
      if (crash() === 'before-segment') throw new Error('crashed before the segment')
      if (crash() === 'half-segment') {
        await writeHalf(id, bytes)
        throw new Error('crashed half-way through the segment')
      }
      await blobs.write(id, bytes)
      if (crash() === 'before-index') throw new Error('crashed before the index')
    },
  }
}

async function writeHalf(id: SegmentId, bytes: Uint8Array): Promise<void> {
  const path = join(folder, 'half', `${id}.segment`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes.subarray(0, bytes.length / 2))
}

async function emptyIndex(): Promise<void> {
  const db = database.db.withTables<{ segment: { id: string } }>()
  await db.deleteFrom('segment').execute()
}
