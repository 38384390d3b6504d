import { mkdir, mkdtemp, open, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { checkStore } from '../../src/data/store/check-store.ts'
import type { EventStore } from '../../src/data/store/event-store.ts'
import { openFileBlobStore } from '../../src/data/store/file-blob-store.ts'
import type { IndexTables } from '../../src/data/store/index-tables.ts'
import type { Member } from '../../src/data/store/member.ts'
import { reindexStore } from '../../src/data/store/reindex-store.ts'
import { sealSegment } from '../../src/data/store/seal-segment.ts'
import { segmentMagic } from '../../src/data/store/segment-format.ts'
import type { CommitNumber, LocalHour, ProjectId } from '../../src/ids.ts'
import type { RunInThread } from '../../src/threads/pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf } from '../support/event-batches.ts'
import { asVersion1 } from '../support/segment-of-version-1.ts'
import { createUngroupedStore } from '../support/ungrouped-store.ts'

const project = 7 as ProjectId
const everything = { projectId: project, fromHour: 0 as LocalHour, toHour: 1_000_000 as LocalHour }

let database: TestDatabase
let db: Kysely<IndexTables>
let root: string
let blobs: BlobStore
let store: EventStore
beforeEach(async () => {
  database = await createTestDatabase()
  db = database.db.withTables<IndexTables>()
  root = await mkdtemp(join(tmpdir(), 'penstock-reindex-'))
  blobs = await openFileBlobStore(root)
  const run = async (_task: string, input: Parameters<typeof sealSegment>[0]) => sealSegment(input)
  store = createUngroupedStore({ db, blobs, run: run as RunInThread, partSizeBytes: 1024 })
})
afterEach(async () => {
  await database.drop()
  await rm(root, { recursive: true })
})

async function appendCommits(count: number): Promise<void> {
  for (let commit = 0; commit < count; commit++) {
    const events = Array.from({ length: 20 }, (_, index) => ({
      event: index % 3 === 0 ? 'Signed Up' : 'Page Viewed',
      properties: {
        time: 1_700_000_000 + commit * 3600,
        distinct_id: `user ${index}`,
        $insert_id: `i-${commit}-${index}`,
      },
    }))
    await store.append(batchOf(project, 'Europe/Berlin', events))
  }
}

async function segmentPaths(): Promise<string[]> {
  const files = await readdir(root, { recursive: true })
  return files
    .filter((name) => name.endsWith('.segment'))
    .map((name) => join(root, name))
    .sort()
}

const latest = Number.MAX_SAFE_INTEGER as CommitNumber

test('a lost index is rebuilt from the segments alone, in the order of their making', async () => {
  await appendCommits(5)
  const before = await store.members(everything, latest)
  await db.deleteFrom('segment').execute()
  await db.updateTable('store_commit').set({ number: 0 }).execute()
  expect(await store.members(everything, latest)).toEqual([])
  expect(await reindexStore(db, blobs)).toEqual({ added: 5, renewed: 0, unfinished: [], damaged: [] })
  expect(await store.members(everything, latest)).toEqual(before)
  expect(before.length).toBeGreaterThan(5)
})

test('segments that the index still names keep their commit numbers', async () => {
  await appendCommits(3)
  const before = await store.members(everything, latest)
  await db.deleteFrom('member').where('commit_number', '=', 2).execute()
  expect(await reindexStore(db, blobs)).toMatchObject({ added: 0, renewed: 3 })
  expect(await store.members(everything, latest)).toEqual(before)
})

test('segments of format 1 are read, checked and indexed beside newer ones', async () => {
  await appendCommits(2)
  const before = await store.members(everything, latest)
  const lines = await linesOf(before)
  const [first = ''] = await segmentPaths()
  const asWritten = await readFile(first)
  const older = asVersion1(asWritten)
  await writeFile(first, older)
  await db
    .updateTable('segment')
    .set({ byte_length: older.length })
    .where('byte_length', '=', asWritten.length)
    .execute()
  expect(await checkStore(db, blobs)).toMatchObject({ segments: 2, events: 40, problems: [] })
  await db.deleteFrom('segment').execute()
  expect(await reindexStore(db, blobs)).toMatchObject({ added: 2, unfinished: [], damaged: [] })
  const after = await store.members(everything, latest)
  const ofIndex = ({ commitNumber, firstCommit, ...member }: Member) => member
  expect(after.map(ofIndex)).toEqual(before.map(ofIndex))
  expect(await linesOf(after)).toEqual(lines)
})

test('an index of members that several hours share is rebuilt', async () => {
  const events = Array.from({ length: 40 }, (_, index) => ({
    event: 'Page Viewed',
    properties: { time: 1_700_000_000 + index * 5 * 3600, distinct_id: 'ann', $insert_id: `i-${index}` },
  }))
  await store.append(batchOf(project, 'Europe/Berlin', events))
  const before = await store.members(everything, latest)
  expect(before.every(({ hourCounts }) => hourCounts !== null)).toBe(true)
  expect(await checkStore(db, blobs)).toMatchObject({ events: 40, problems: [] })
  await db.deleteFrom('member').execute()
  expect(await reindexStore(db, blobs)).toMatchObject({ renewed: 1 })
  expect(await store.members(everything, latest)).toEqual(before)
})

test('a write that was cut short is named and left out', async () => {
  await appendCommits(1)
  await mkdir(join(root, 'fffffff'))
  await writeFile(join(root, 'fffffff/ffffffffffff0000000000000000.segment'), segmentMagic)
  expect(await reindexStore(db, blobs)).toMatchObject({
    renewed: 1,
    unfinished: ['ffffffffffff0000000000000000'],
  })
})

test('a whole store has no problem', async () => {
  await appendCommits(3)
  expect(await checkStore(db, blobs)).toMatchObject({ segments: 3, events: 60, problems: [] })
})

test('the check finds a changed byte of a member, of a dedup record and of a footer', async () => {
  await appendCommits(3)
  const members = await store.members(everything, latest)
  const firstMemberOf = (path: string) => members.find(({ segmentId }) => path.includes(segmentId)) as Member
  const [first = '', second = '', third = ''] = await segmentPaths()
  await flipByte(first, firstMemberOf(first).byteOffset + 20)
  await flipByte(second, firstMemberOf(second).keysOffset + 3)
  await flipByte(third, -100)
  const { problems } = await checkStore(db, blobs)
  expect(problems.map(({ kind }) => kind)).toEqual(['damaged', 'damaged', 'damaged'])
  expect(problems.map(({ found }) => found)).toEqual([
    expect.stringContaining('member 0 does not match its checksum'),
    expect.stringContaining('dedup records of member 0'),
    expect.stringContaining('its footer does not match its checksum'),
  ])
})

test('the check finds a missing segment, a truncated one, and one that no commit names', async () => {
  await appendCommits(3)
  const [first = '', second = '', third = ''] = await segmentPaths()
  await unlink(first)
  await truncate(second, 40)
  await db.deleteFrom('segment').where('id', '=', third.slice(-36, -8)).execute()
  const { problems } = await checkStore(db, blobs)
  expect(problems.map(({ kind }) => kind).sort()).toEqual(['damaged', 'missing', 'unindexed'])
})

async function linesOf(members: Member[]): Promise<string[]> {
  const gzips = await Promise.all(members.map((member) => store.readMember(member)))
  return gzips.map((gzip) => gunzipSync(gzip).toString())
}

async function flipByte(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+')
  const position = offset < 0 ? (await file.stat()).size + offset : offset
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, position)
  byte[0] = (byte[0] ?? 0) ^ 1
  await file.write(byte, 0, 1, position)
  await file.close()
}
