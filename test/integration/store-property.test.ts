/**
 * Any sequence of commits, duplicates, compactions and crashes gives the same folder as a naive model.
 *
 * 1. Batches of events from a small universe (so that duplicates are frequent) are appended by two projects in two
 *    zones; some appends crash: before the segment, half-way through it, or after it and before the index.
 * 2. The store is closed and opened again at random, compacted with limits of any size, its index rebuilt, and snapshots
 *    are taken of it.
 * 3. Every day of every project is exported, whole, by event names and by an expression, and compared with what a Map
 *    and a naive evaluation say; so is each snapshot, and what came between two of them.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { exportFiles } from '../../src/data/export/export-files.ts'
import { exportPieces } from '../../src/data/export/export-pieces.ts'
import { type DedupHash, dedupKey } from '../../src/data/ingest/dedup-key.ts'
import { planExport, type Selection } from '../../src/data/plan/export-plan.ts'
import { findDuplicates } from '../../src/data/plan/find-duplicates.ts'
import { parseExpression } from '../../src/data/segmentation/parse-expression.ts'
import { openSpool } from '../../src/data/spool.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { checkStore } from '../../src/data/store/check-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import { compactStore } from '../../src/data/store/merge/compact-store.ts'
import { reindexStore } from '../../src/data/store/reindex-store.ts'
import { openS3BlobStore } from '../../src/data/store/s3/s3-blob-store.ts'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../src/ids.ts'
import { localHour } from '../../src/local-time/zone-offsets.ts'
import { batchOf, identityOf, lineOf, type TestEvent } from '../support/event-batches.ts'
import { naiveWhere } from '../support/naive-where.ts'
import { noProfiles } from '../support/no-profiles.ts'
import { randomEvent, randomEventNames } from '../support/random-events.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'
import { type StoreSandbox, startStoreSandbox } from '../support/store-sandbox.ts'
import { createUngroupedStore } from '../support/ungrouped-store.ts'

const zones = new Map([
  [1 as ProjectId, 'America/St_Johns'],
  [2 as ProjectId, 'Asia/Kolkata'],
])
const settings = { partSizeBytes: 2048, fileSizeBytes: 4096, keysInMemoryMax: 64 }

let place: StorePlace
let sandbox: StoreSandbox
beforeAll(async () => {
  place = await openStorePlace('store')
  sandbox = await startStoreSandbox()
})
afterAll(async () => {
  await place?.close()
  await sandbox?.close()
})

const event = randomEvent(fc.integer({ min: 0, max: 7 }).map((place) => 1_700_000_000 + place * 6 * 3600))
/** Enough of one name and hour for several members, with duplicates from one to the next. */
const crowdedEvent: fc.Arbitrary<TestEvent> = fc.record({
  event: fc.constantFrom('Page', 'Page', 'Signed Up'),
  properties: fc.record({
    time: fc.constant(1_700_000_000),
    distinct_id: fc.constant('ann'),
    $insert_id: fc.constantFrom('i-1', 'i-2', 'i-3', 'i-4', 'i-5'),
    payload: fc.string({ minLength: 20, maxLength: 200 }),
  }),
})
const selection: fc.Arbitrary<Selection> = fc.record(
  {
    eventNames: fc.subarray(randomEventNames, { minLength: 1 }).map((wanted) => new Set(wanted)),
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
const appending = fc.record({
  kind: fc.constant('append' as const),
  projectId: fc.constantFrom(...zones.keys()),
  events: fc.oneof(
    { weight: 3, arbitrary: fc.array(event, { minLength: 1, maxLength: 40 }) },
    { weight: 1, arbitrary: fc.array(crowdedEvent, { minLength: 10, maxLength: 40 }) },
  ),
  crash: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Crash>('none') },
    { weight: 1, arbitrary: fc.constantFrom<Crash>('before-segment', 'half-segment', 'before-index') },
  ),
})
const compacting = fc.record({
  kind: fc.constant('compact' as const),
  fanIn: fc.integer({ min: 2, max: 4 }),
  everyHour: fc.boolean(),
  mergeBytesMax: fc.constantFrom(1, 3000, 1_000_000),
})
const step = fc.oneof(
  { weight: 8, arbitrary: appending },
  { weight: 3, arbitrary: compacting },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'reopen' as const }, { kind: 'reindex' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'snapshot' as const }) },
)

type Append = typeof appending extends fc.Arbitrary<infer Step> ? Step : never
type Compact = typeof compacting extends fc.Arbitrary<infer Step> ? Step : never
let mergesSeen = 0

/** Of each identity the newest event. */
type Model = Map<string, { projectId: ProjectId; event: TestEvent }>

/** What was acknowledged so far. */
interface Past {
  model: Model
  /** Every line that ever came. */
  lines: string[]
  moments: Moment[]
}

/** A snapshot, and what was acknowledged when it was taken. */
interface Moment {
  commit: CommitNumber
  model: Model
  linesBefore: number
}

test.each([
  { name: 'files', numRuns: 60, openBlobs: openFiles },
  { name: 'an S3', numRuns: 15, openBlobs: openS3 },
])(
  'in $name, a folder holds each event once, the newest of its duplicates, whatever crashed in between',
  {
    timeout: 300_000,
  },
  async ({ numRuns, openBlobs }) => {
    mergesSeen = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        selection,
        async (steps, weakHash, selected) => {
          await emptyIndex()
          const blobs = await openBlobs()
          const past: Past = { model: new Map(), lines: [], moments: [] }
          // Sixteen different keys for all events: nearly every comparison is a collision.
          const hash = weakHash
            ? (text: string | Uint8Array) => String.fromCharCode(dedupKey(text).charCodeAt(0) & 15).repeat(16)
            : dedupKey
          let crash: Crash = 'none'
          const open = () => openStore(crashing(blobs, () => crash))
          let store = open()
          for (const work of steps) {
            if (work.kind === 'reopen') store = open()
            else if (work.kind === 'compact') await compact(blobs, work)
            else if (work.kind === 'reindex') await reindex(blobs)
            else if (work.kind === 'snapshot') past.moments.push(momentOf(past, await store.snapshot()))
            else {
              crash = work.crash
              await append(store, work, hash, past)
            }
          }
          const end = momentOf(past, await store.snapshot())
          await compareFolders(open(), end, {})
          await compareFolders(open(), end, selected)
          for (const moment of past.moments) await compareFolders(open(), moment, {})
          await compareNewer(open(), [...past.moments, end], past.lines)
          const { problems } = await checkStore(place.db.withTables(), blobs)
          // A crash may leave a segment that no commit names.
          expect(problems.filter(({ kind }) => kind !== 'unindexed')).toEqual([])
        },
      ),
      { numRuns },
    )
    expect(mergesSeen).toBeGreaterThan(0)
  },
)

/** An empty store. */
async function openFiles(): Promise<BlobStore> {
  return await openFileBlobStore(await mkdtemp(join(place.folder, 'run-')))
}

async function openS3(): Promise<BlobStore> {
  return await openS3BlobStore(sandbox.options({ prefix: randomUUID() }))
}

function momentOf({ model, lines }: Past, commit: CommitNumber): Moment {
  return { commit, model: new Map(model), linesBefore: lines.length }
}

async function append(store: EventStore, work: Append, hash: DedupHash, past: Past): Promise<void> {
  const { projectId, events } = work
  const stored = store.append(batchOf(projectId, zones.get(projectId) ?? '', events, hash))
  if (work.crash !== 'none') {
    await expect(stored).rejects.toThrow()
    return
  }
  await stored
  for (const event of events) {
    past.model.set(`${projectId} ${identityOf(event)}`, { projectId, event })
    past.lines.push(`${projectId} ${lineOf(event)}`)
  }
}

async function compact(blobs: BlobStore, { mergeBytesMax, fanIn, everyHour }: Compact): Promise<void> {
  const { signal } = new AbortController()
  const { partSizeBytes } = settings
  const { merges } = await compactStore(
    {
      ...{ db: place.db.withTables(), blobs, run: place.threads.run, clock: systemClock },
      ...{ partSizeBytes, mergeBytesMax, signal, retentionDays: undefined },
    },
    { fanIn, everyHour, waits: true, pace: async () => {} },
  )
  mergesSeen += merges
}

/** What a crash left was never acknowledged, and the model does not know it: a rebuilt index would. */
async function reindex(blobs: BlobStore): Promise<void> {
  const db = place.db.withTables<IndexTables>()
  const { problems } = await checkStore(db, blobs)
  await blobs.remove(problems.filter(({ kind }) => kind === 'unindexed').map(({ segmentId }) => segmentId))
  await reindexStore(db, blobs)
}

async function compareFolders(
  store: EventStore,
  { commit, model }: Moment,
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
      const exported = await exportLines(store, projectId, day, commit, selected)
      expect(exported.sort()).toEqual(expected.sort())
    }
  }
}

/** What came after one moment and up to the next is what a reader of the newer commits finds, duplicates and all. */
async function compareNewer(store: EventStore, moments: Moment[], lines: string[]): Promise<void> {
  let [after, from] = [0 as CommitNumber, 0]
  for (const { commit, linesBefore } of moments) {
    const found: string[] = []
    for (const projectId of zones.keys()) {
      const everything = { projectId, fromHour: 0 as LocalHour, toHour: 1_000_000 as LocalHour }
      for (const member of await store.members(everything, commit, after)) {
        const text = gunzipSync(await store.readMember(member)).toString()
        found.push(
          ...text
            .slice(0, -1)
            .split('\n')
            .map((line) => `${projectId} ${line}`),
        )
      }
    }
    expect(found.sort()).toEqual(lines.slice(from, linesBefore).sort())
    ;[after, from] = [commit, linesBefore]
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
  upTo: CommitNumber,
  selected: Selection,
): Promise<string[]> {
  const { signal } = new AbortController()
  const window = { projectId, fromHour: (day * 24) as LocalHour, toHour: (day * 24 + 24) as LocalHour }
  const members = await store.members(window, upTo)
  const spoolFolder = join(place.folder, 'spool')
  const losing = await findDuplicates(
    { store, run: place.threads.run, spoolFolder, signal, ...settings },
    members,
  )
  const plan = planExport({ members, losing, ...selected })
  const spool = await openSpool(spoolFolder)
  const lines: string[] = []
  const pieces = exportPieces(
    { store, run: place.threads.run, readProfiles: noProfiles, spool, signal, ...settings },
    plan,
  )
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
  return createUngroupedStore({
    db: place.db.withTables(),
    blobs,
    run: place.threads.run,
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
  const path = join(place.folder, 'half', `${id}.segment`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes.subarray(0, bytes.length / 2))
}

async function emptyIndex(): Promise<void> {
  const db = place.db.withTables<{ segment: { id: string } }>()
  await db.deleteFrom('segment').execute()
}
