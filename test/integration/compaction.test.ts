import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { planExport } from '../../src/data/plan/export-plan.ts'
import { findDuplicates } from '../../src/data/plan/find-duplicates.ts'
import { LosingLines } from '../../src/data/plan/losing-lines.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { checkStore } from '../../src/data/store/check-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import type { Member } from '../../src/data/store/member.ts'
import { type CompactOptions, compactStore } from '../../src/data/store/merge/compact-store.ts'
import { mergeMembers } from '../../src/data/store/merge/merge-members.ts'
import { keepLines } from '../../src/data/store/picked-lines.ts'
import { reindexStore } from '../../src/data/store/reindex-store.ts'
import { sealSegment } from '../../src/data/store/seal-segment.ts'
import { withAllHeld } from '../../src/data/store/store-hold.ts'
import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../src/ids.ts'
import { createThreadPool, type RunInThread } from '../../src/threads/pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, lineOf } from '../support/event-batches.ts'
import { createUngroupedStore } from '../support/ungrouped-store.ts'

const project = 7 as ProjectId
const everything = { projectId: project, fromHour: 0 as LocalHour, toHour: 1_000_000 as LocalHour }
const latest = Number.MAX_SAFE_INTEGER as CommitNumber
const partSizeBytes = 4096
const names = Array.from({ length: 20 }, (_, index) => `Event ${index}`)
const tasks = { sealSegment, mergeMembers, keepLines }
const run = (async (task: keyof typeof tasks, input: never) => tasks[task](input)) as RunInThread

let database: TestDatabase
let db: Kysely<IndexTables>
let root: string
let blobs: BlobStore
let store: EventStore
beforeEach(async () => {
  database = await createTestDatabase()
  db = database.db.withTables<IndexTables>()
  root = await mkdtemp(join(tmpdir(), 'penstock-compaction-'))
  blobs = await openFileBlobStore(root)
  store = createUngroupedStore({ db, blobs, run, partSizeBytes })
})
afterEach(async () => {
  await database.drop()
  await rm(root, { recursive: true })
})

function compact(options: Partial<CompactOptions> = {}, changes: Partial<BlobStore> = {}) {
  const { signal } = new AbortController()
  const deps = {
    db,
    blobs: { ...blobs, ...changes },
    run,
    clock: systemClock,
    partSizeBytes,
    signal,
    retentionDays: undefined,
  }
  return compactStore(
    { ...deps, mergeBytesMax: 1_000_000 },
    { fanIn: 2, everyHour: true, waits: true, pace: async () => {}, ...options },
  )
}

/** Commits of 40 events each: every name twice, all in one hour, or each in an hour of its own. */
async function appendCommits(count: number, { hoursApart = 0 } = {}): Promise<void> {
  for (let commit = 0; commit < count; commit++) {
    const events = Array.from({ length: 40 }, (_, index) => ({
      event: names[index % names.length] ?? '',
      properties: {
        time: 1_700_000_000 + index * hoursApart * 3600,
        distinct_id: `user ${index}`,
        $insert_id: `i-${commit}-${index}`,
        payload: 'x'.repeat(60),
      },
    }))
    await store.append(batchOf(project, 'UTC', events))
  }
}

async function segmentsOnDisk(): Promise<string[]> {
  const files = await readdir(root, { recursive: true })
  return files.filter((name) => name.endsWith('.segment'))
}

async function linesOf(members: Member[]): Promise<string[]> {
  return (await Promise.all(members.map(linesInOrder))).flat().sort()
}

async function linesInOrder(member: Member): Promise<string[]> {
  return gunzipSync(await store.readMember(member))
    .toString()
    .trimEnd()
    .split('\n')
}

test('after compaction an export of three of twenty names is a copy of members that hold one name', async () => {
  await appendCommits(40)
  const eventNames = new Set(['Event 3', 'Event 7', 'Event 19'])
  const plan = async () => {
    const members = await store.members(everything, latest)
    return planExport({ members, losing: new LosingLines(members), eventNames })
  }
  expect((await plan()).steps.every(({ kind }) => kind === 'rewrite')).toBe(true)
  const before = await linesOf(await store.members(everything, latest))
  await compact()
  const { steps } = await plan()
  expect(steps.map(({ kind }) => kind)).toEqual(steps.map(() => 'copy'))
  expect(new Set(steps.flatMap(({ member }) => member.eventNames))).toEqual(eventNames)
  expect(await linesOf(await store.members(everything, latest))).toEqual(before)
})

test('asked for times, the store leaves out members whose lines lie between them, merged or not', async () => {
  await appendCommits(12, { hoursApart: 5 })
  for (const isMerged of [false, true]) {
    if (isMerged) await compact()
    const members = await store.members(everything, latest)
    const times = members.flatMap(({ minTimeMs, maxTimeMs }, index) => {
      if (index % 3 > 0) return []
      return index % 2 === 0
        ? { fromMs: maxTimeMs, toMs: maxTimeMs }
        : { fromMs: minTimeMs - 5, toMs: minTimeMs }
    })
    const reached = members.filter(({ minTimeMs, maxTimeMs }) =>
      times.some(({ fromMs, toMs }) => fromMs <= maxTimeMs && toMs >= minTimeMs),
    )
    expect(reached.length).toBeLessThan(members.length)
    expect(await store.membersAt(times, everything, latest)).toEqual(reached)
    expect(await store.membersAt([], everything, latest)).toEqual([])
  }
})

test('what was merged is removed from the disk, and the store is whole', async () => {
  await appendCommits(12, { hoursApart: 5 })
  const { merges, segmentsRemoved } = await compact()
  expect(merges).toBeGreaterThan(0)
  expect(segmentsRemoved).toBeGreaterThanOrEqual(12)
  expect(await segmentsOnDisk()).toHaveLength(1)
  expect(await checkStore(db, blobs)).toMatchObject({ segments: 1, events: 480, problems: [] })
  expect(await compact()).toMatchObject({ merges: 0, segmentsRemoved: 0 })
})

test('what a reader holds stays until its end, and it reads what it saw', async () => {
  await appendCommits(5)
  await store.hold(async () => {
    const members = await store.members(everything, latest)
    const lines = await linesOf(members)
    expect((await compact()).segmentsRemoved).toBe(0)
    expect(await linesOf(members)).toEqual(lines)
    // Of a merge that this reader saw finished, it holds the result.
    await appendCommits(1)
    await compact()
    expect(await linesOf(members)).toEqual(lines)
  })
  expect((await compact()).segmentsRemoved).toBeGreaterThanOrEqual(6)
  const named = (await store.members(everything, latest)).map(({ segmentId }) => segmentId)
  expect(await segmentsOnDisk()).toHaveLength(new Set(named).size)
})

test('a reader that came after a merge does not keep what was merged', async () => {
  await appendCommits(5)
  await compact({}, { remove: () => Promise.reject(new Error('killed')) }).catch(() => undefined)
  await store.hold(async () => {
    expect((await compact()).segmentsRemoved).toBe(5)
  })
})

test('while the whole store is held, not even what was merged before is removed', async () => {
  await appendCommits(5)
  await compact({}, { remove: () => Promise.reject(new Error('killed')) }).catch(() => undefined)
  const before = await segmentsOnDisk()
  const { result, lasted } = await withAllHeld(db, async () => {
    await appendCommits(5)
    expect(await compact()).toMatchObject({ segmentsRemoved: 0 })
    return await segmentsOnDisk()
  })
  expect(lasted).toBe(true)
  expect(result).toEqual(expect.arrayContaining(before))
  expect((await compact()).segmentsRemoved).toBeGreaterThanOrEqual(10)
})

test('a hold of the whole store that was lost is told of', async () => {
  const { lasted } = await withAllHeld(db, async () => {
    await sql`update store_hold set held_until = '-infinity'`.execute(db)
    await compact()
  })
  expect(lasted).toBe(false)
})

test('a merge that dies at any step changes nothing, and the next one clears what it left', async () => {
  await appendCommits(4)
  const before = await store.members(everything, latest)
  const died = new Error('killed')
  const half = async (id: SegmentId, bytes: Uint8Array) => {
    await blobs.write(id, bytes.subarray(0, bytes.length / 2))
    throw died
  }
  const whole = async (id: SegmentId, bytes: Uint8Array) => {
    await blobs.write(id, bytes)
    throw died
  }
  const dyings: Partial<BlobStore>[] = [
    { read: () => Promise.reject(died) },
    { write: () => Promise.reject(died) },
    { write: half },
    { write: whole },
  ]
  for (const dying of dyings) {
    await expect(compact({}, dying)).rejects.toThrow('killed')
    expect(await store.members(everything, latest)).toEqual(before)
  }
  await compact()
  expect(await segmentsOnDisk()).toHaveLength(1)
  expect(await checkStore(db, blobs)).toMatchObject({ segments: 1, events: 160, problems: [] })
  expect(await db.selectFrom('merge_output').selectAll().execute()).toEqual([])
})

test('merged members are merged again once enough of them lie in one hour, and not before', async () => {
  const gentle = { fanIn: 3, everyHour: false }
  const generations = async () => {
    const members = await store.members(everything, latest)
    return [...new Set(members.map(({ generation }) => generation))].sort()
  }
  for (let round = 0; round < 2; round++) {
    await appendCommits(1)
    await compact(gentle)
    expect(await generations()).toEqual([1])
  }
  await appendCommits(1)
  await compact(gentle)
  expect(await generations()).toEqual([2])
})

test('what is left of a segment moves, so that the space of the rest comes back', async () => {
  await appendCommits(30)
  await compact()
  const [segment] = await segmentsOnDisk()
  const { ordinal = 0 } = (await store.members(everything, latest)).at(-1) ?? {}
  await db.deleteFrom('member').where('ordinal', '<', ordinal).execute()
  await db.updateTable('segment').set({ live_members: 1, live_bytes: 300 }).execute()
  const [left] = await store.members(everything, latest)
  const lines = await linesOf([left as Member])
  expect(await compact()).toMatchObject({ merges: 1, segmentsRemoved: 1 })
  expect(await segmentsOnDisk()).not.toContain(segment)
  expect(await linesOf(await store.members(everything, latest))).toEqual(lines)
})

test('of two equal events of one commit the later stays the newer, wherever a merge puts them', async () => {
  const events = Array.from({ length: 44 }, (_, index) => ({
    event: 'Page Viewed',
    properties: {
      time: 1_700_000_000,
      distinct_id: 'ann',
      // The last line, which is merged, is the event of one in a member before it, which is settled.
      $insert_id: index === 43 ? 'i-30' : `i-${index}`,
      payload: `${index} ${'x'.repeat(80)}`,
    },
  }))
  await store.append(batchOf(project, 'UTC', events))
  const threads = createThreadPool(1)
  const losers = async () => {
    const members = await store.members(everything, latest)
    const deps = { store, run: threads.run, spoolFolder: root, keysInMemoryMax: 1000 }
    const losing = await findDuplicates({ ...deps, signal: new AbortController().signal }, members)
    const lines = await Promise.all(members.map((member) => linesInOrder(member)))
    return lines.flatMap((ofMember, index) =>
      ofMember.filter((_, line) => ((losing.of(index)?.[line >> 3] ?? 0) >> (line & 7)) & 1),
    )
  }
  const before = await losers()
  expect(before).toEqual([lineOf(events[30] as (typeof events)[0])])
  await compact()
  expect((await store.members(everything, latest)).map(({ rank }) => rank)).toEqual([0, 1, 3])
  expect(await losers()).toEqual(before)
  await threads.close()
})

test('a lost index is rebuilt from merged segments, and one of before the merge with what is there now', async () => {
  await appendCommits(6, { hoursApart: 1 })
  const snapshot = await store.snapshot()
  await appendCommits(6, { hoursApart: 1 })
  await compact()
  const [before, beforeSnapshot] = [
    await linesOf(await store.members(everything, latest)),
    await linesOf(await store.members(everything, snapshot)),
  ]
  await db.deleteFrom('segment').execute()
  await db.updateTable('store_commit').set({ number: 0 }).execute()
  expect(await reindexStore(db, blobs)).toMatchObject({ added: 1, unfinished: [], damaged: [] })
  expect(await linesOf(await store.members(everything, latest))).toEqual(before)
  expect(await linesOf(await store.members(everything, snapshot))).toEqual(beforeSnapshot)
})

test('a restored back-up of the index that names what was merged since is mended by a reindex', async () => {
  await appendCommits(4, { hoursApart: 1 })
  await db.executeQuery(sql`create table kept_segment as select * from segment`.compile(db))
  await db.executeQuery(sql`create table kept_member as select * from member`.compile(db))
  for (let round = 0; round < 3; round++) {
    await appendCommits(1, { hoursApart: 1 })
    await compact()
  }
  const before = await linesOf(await store.members(everything, latest))
  await db.deleteFrom('segment').execute()
  await db.executeQuery(sql`insert into segment select * from kept_segment`.compile(db))
  await db.executeQuery(sql`insert into member select * from kept_member`.compile(db))
  await reindexStore(db, blobs)
  expect(await linesOf(await store.members(everything, latest))).toEqual(before)
  expect((await checkStore(db, blobs)).problems).toEqual([])
})
