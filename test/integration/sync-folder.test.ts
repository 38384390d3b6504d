/** What a sync writes, by what is known of the folder. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { LocalHour, PipelineId, ProjectId } from '../../src/ids.ts'
import { lineOf, type TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const selected = ['Viewed', 'Paid']

let storePlace: StorePlace
let world: ExportWorld
let projectId: ProjectId
let pipelineId: PipelineId
/** What the bucket's folder should hold. */
let sent: TestEvent[]
beforeAll(async () => {
  storePlace = await openStorePlace('sync-folder')
  world = await createExportWorld({ ...storePlace, startMs: (day + 48) * 3_600_000 })
})
afterAll(async () => {
  await storePlace?.close()
})

beforeEach(async () => {
  const { db } = storePlace
  projectId = await insertProject(db)
  pipelineId = await insertPipeline(db, projectId, { events: selected })
  sent = Array.from({ length: 200 }, (_, index) => eventOf('Viewed', index))
  await world.append(projectId, 'UTC', sent)
  expect((await work('export')).state).toBe('succeeded')
  expectSent()
  world.bucket.requests.length = 0
})

function eventOf(event: string, index: number): TestEvent {
  const $insert_id = `${event}-${index}`
  return {
    event,
    properties: {
      time: day * 3600 + index * 400,
      distinct_id: 'ann',
      $insert_id,
      payload: `${Math.sin(index)}`,
    },
  }
}

async function late(event: string, index: number): Promise<void> {
  const more = eventOf(event, index)
  await world.append(projectId, 'UTC', [more])
  if (selected.includes(event)) sent.push(more)
}

async function work(kind: 'export' | 'sync') {
  const runId = await insertRun(storePlace.db, pipelineId, { local_hour: day, kind })
  await world.work(runId)
  return await readRun(storePlace.db, runId)
}

const folderRow = () =>
  storePlace.db
    .selectFrom('folder')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirstOrThrow()

const files = () => [...world.bucket.objects.keys()].filter((key) => key.endsWith('.gz')).sort()

function expectSent(): void {
  expect(world.bucket.lines(`${projectId}/`).sort()).toEqual(sent.map(lineOf).sort())
  expect(world.bucket.objects.has(`${projectId}/2024/01/01/full_day/complete`)).toBe(true)
}

const puts = () => world.bucket.requests.filter((request) => request.startsWith('put ')).length

test('late events that the pipeline does not select ask nothing of the bucket, and are not looked at again', async () => {
  await late('Signed Up', 1)
  const run = await work('sync')
  expect(run).toMatchObject({ state: 'succeeded', files: 0, events: 0, bytes: 0 })
  expect(world.bucket.requests).toEqual([])
  expect(await folderRow()).toMatchObject({ seen_commit: run.snapshot_commit, synced_at: [] })
  const window = { fromHour: day, toHour: (day + 24) as LocalHour }
  const newer = await world.store.newerThan(projectId, [{ ...window, seen: (await folderRow()).seen_commit }])
  expect(newer).toEqual([])
})

test('a late event puts one file and the marker, and is recorded with its time', async () => {
  const before = files()
  await late('Paid', 7)
  const run = await work('sync')
  expect(run).toMatchObject({ state: 'succeeded', files: 1, events: 1 })
  expect(puts()).toBe(2)
  expect(files()).toEqual([...before, expect.any(String)])
  expect((await folderRow()).synced_at).toEqual([new Date(world.clock.ms)])
  expectSent()
})

test('a newer line of an event whose member was merged since: the one file that holds the older is written anew', async () => {
  const before = files()
  expect(before.length).toBeGreaterThan(3)
  await world.compact({ mergeBytesMax: 1_000_000, fanIn: 2 })
  for (const place of [50, 51]) {
    const newer = {
      ...eventOf('Viewed', place),
      properties: { ...eventOf('Viewed', place).properties, newer: true },
    }
    await world.append(projectId, 'UTC', [newer])
    sent = [...sent.filter(({ properties }) => properties.$insert_id !== `Viewed-${place}`), newer]
    expect(await work('sync')).toMatchObject({ state: 'succeeded', files: 2 })
    expectSent()
    await storePlace.db.deleteFrom('run').where('kind', '=', 'sync').execute()
  }
  expect(before.filter((key) => !files().includes(key)).length).toBeLessThan(3)
  expect(await folderRow()).toMatchObject({ duplicates: 2 })
})

test.each([
  ['events', 'as it was', { events: ['Paid'] }, { event: 'Signed Up', amount: 80 }],
  ['where', 'as it was', { where_expression: 'properties["amount"] > 30' }, { event: 'Paid', amount: 10 }],
  ['where', 'merged', { where_expression: 'properties["amount"] > 30' }, { event: 'Paid', amount: 10 }],
])(
  'a newer line of an event that `%s` leaves out changes no file and is no sync; its member: %s',
  async (prefix, merged, selection, { event, amount }) => {
    const of = (name: string, inDays: number, properties: Record<string, unknown>): TestEvent => {
      const plain = eventOf(name, inDays * 216)
      return { ...plain, properties: { ...plain.properties, ...properties } }
    }
    const shown = of('Paid', 0, { $insert_id: 'shown', amount: 90 })
    await world.append(projectId, 'UTC', [shown, of(event, 0, { amount, newer: false })])
    pipelineId = await insertPipeline(storePlace.db, projectId, { s3_prefix: prefix, ...selection })
    expect(await work('export')).toMatchObject({ state: 'succeeded', events: 1 })
    world.bucket.requests.length = 0
    if (merged === 'merged') await world.compact({ mergeBytesMax: 1_000_000, fanIn: 2 })
    // The other is of the next day, and makes the member one that has events of the pipeline.
    const newer = of(event, 0, { amount, newer: true })
    await world.append(projectId, 'UTC', [newer, of('Paid', 1, { amount: 90 })])
    expect(await work('sync')).toMatchObject({ state: 'succeeded', files: 0, events: 0 })
    expect(world.bucket.requests.filter((request) => !request.startsWith('list '))).toEqual([])
    expect(await folderRow()).toMatchObject({ synced_at: [], duplicates: 0 })
  },
)

test('a file that somebody took away or cut short comes back with the late events', async () => {
  for (const damage of ['gone', 'short']) {
    const [first = ''] = files()
    if (damage === 'gone') world.bucket.objects.delete(first)
    else world.bucket.objects.set(first, Buffer.alloc(10))
    await late('Paid', damage.length)
    expect((await work('sync')).state).toBe('succeeded')
    expectSent()
    await storePlace.db.deleteFrom('run').where('kind', '=', 'sync').execute()
  }
})

test('after an edit of its selection, late events bring the folder as it is selected now', async () => {
  await late('Signed Up', 1)
  await late('Paid', 1)
  await storePlace.db
    .updateTable('pipeline')
    .set({ events: ['Paid', 'Signed Up'] })
    .where('id', '=', pipelineId)
    .execute()
  sent = [eventOf('Signed Up', 1), eventOf('Paid', 1)]
  expect((await work('sync')).events).toBe(2)
  expectSent()
})

test('a folder that was written before its files were recorded is written whole, and from then on in parts', async () => {
  await storePlace.db.updateTable('folder').set({ selection: null, duplicates: null }).execute()
  await late('Paid', 1)
  expect((await work('sync')).events).toBe(201)
  expectSent()
  await storePlace.db.deleteFrom('run').where('kind', '=', 'sync').execute()
  await late('Paid', 2)
  expect((await work('sync')).events).toBe(1)
  expectSent()
})
