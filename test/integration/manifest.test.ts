/** The manifest of a folder: what `manifest` answers is what stands in the bucket, and what the files are. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import type { LocalHour, PipelineId } from '../../src/ids.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertRun, readRun } from '../support/pipeline-rows.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

const day = 473_352 as LocalHour
const nowMs = (day + 48) * 3_600_000

let server: PipelineServer
let threads: ThreadPool
let folder: string
let world: ExportWorld
let project: CreatedProject
beforeAll(async () => {
  server = await startPipelineServer(nowMs)
  threads = createThreadPool(2)
  folder = await mkdtemp(join(tmpdir(), 'penstock-manifest-'))
  world = await createExportWorld({ db: server.database.db, threads, folder, startMs: nowMs })
})
afterAll(async () => {
  await threads.close()
  await server.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  project = await server.project()
  world.bucket.requests.length = 0
})

function eventOf(event: string, index: number): TestEvent {
  const $insert_id = `${event}-${index}`
  const payload = `${Math.sin(index)}`
  return { event, properties: { time: day * 3600 + index * 100, distinct_id: 'ann', $insert_id, payload } }
}

const views = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => eventOf('Viewed', from + index))

const send = (events: TestEvent[]) => world.append(project.projectId, 'UTC', events)

async function pipelineOf(frequency: 'daily' | 'hourly', manifest = true): Promise<PipelineId> {
  const columns = { name: frequency, frequency, manifest, events: ['Viewed'], s3_prefix: 'test' } as const
  return await insertPipeline(server.database.db, project.projectId, { ...columns, events: ['Viewed'] })
}

async function work(pipelineId: PipelineId, kind: 'export' | 'sync', hour = day, hours: 1 | 24 = 24) {
  const { db } = server.database
  await db.deleteFrom('run').where('pipeline_id', '=', pipelineId).where('local_hour', '=', hour).execute()
  const run = await insertRun(db, pipelineId, { kind, hours, local_hour: hour })
  await world.work(run)
  expect((await readRun(db, run)).state).toBe('succeeded')
}

const answered = async (query: string) => await server.call(project.apiSecret, `manifest?${query}`)
const keyOf = (path: string) => `test/${project.projectId}/${path}`
const stored = (path: string) =>
  JSON.parse(world.bucket.objects.get(keyOf(`_manifests/2024/01/01/${path}.json`))?.toString() ?? 'null')

test('a manifest says what the files are, stands in the bucket before `complete`, and is answered alike', async () => {
  await send([...views(0, 200), ...views(0, 3), eventOf('Paid', 1)])
  await work(await pipelineOf('daily'), 'export')
  const { status, json } = await answered('name=daily&date=2024-01-01')
  expect(status).toBe(200)
  const { exported_at, ...manifest } = json
  expect(exported_at).toBe('2024-01-03T00:00:00+00:00')
  expect(stored('full_day')).toEqual(manifest)
  expect(manifest).toMatchObject({
    ...{ pipeline: 'daily', project_id: project.projectId, folder: keyOf('2024/01/01/full_day/') },
    ...{ date: '2024-01-01', timezone: 'UTC', commit_seen: expect.any(Number), duplicates_removed: 3 },
    ...{ events: 200, first_time: '2024-01-01T00:00:00.000Z', last_time: '2024-01-01T05:31:40.000Z' },
  })
  expect(manifest.hour).toBeUndefined()
  expect(manifest.files.length).toBeGreaterThan(2)
  for (const { name, events, bytes, crc32: sum, first_time: first, last_time: last } of manifest.files) {
    const object = world.bucket.objects.get(`${manifest.folder}${name}`) ?? Buffer.alloc(0)
    const lines = gunzipSync(object).toString().trimEnd().split('\n')
    const times = lines.map((line) => JSON.parse(line).properties.time * 1000)
    expect([events, bytes]).toEqual([lines.length, object.length])
    expect(sum).toBe(crc32(object).toString(16).padStart(8, '0'))
    expect([Date.parse(first), Date.parse(last)]).toEqual([Math.min(...times), Math.max(...times)])
  }
  expect(world.bucket.requests.slice(-2)).toEqual([
    `put ${keyOf('_manifests/2024/01/01/full_day.json')}`,
    `put ${keyOf('2024/01/01/full_day/complete')}`,
  ])
})

test('a sync renews the manifest, also where nothing that came late is selected', async () => {
  const id = await pipelineOf('daily')
  await send([...views(0, 20), eventOf('Paid', 90)])
  await work(id, 'export')
  const before = stored('full_day')
  await send([...views(20, 1), ...views(0, 1)])
  await work(id, 'sync')
  const { json: after } = await answered('name=daily&date=2024-01-01')
  expect(after).toMatchObject({
    ...{ events: 21, duplicates_removed: 1, synced_at: '2024-01-03T00:00:00+00:00' },
    ...{ first_time: '2024-01-01T00:00:00.000Z', last_time: '2024-01-01T00:33:20.000Z' },
  })
  expect(after.files.map(({ first_time: first }: { first_time: string }) => first).sort()).toEqual([
    '2024-01-01T00:00:00.000Z',
    '2024-01-01T00:01:40.000Z',
  ])
  const { exported_at: _exported, synced_at: _synced, ...manifest } = after
  expect(stored('full_day')).toEqual(manifest)
  expect(manifest.commit_seen).toBeGreaterThan(before.commit_seen)
  await send([eventOf('Paid', 1)])
  world.bucket.requests.length = 0
  await work(id, 'sync')
  expect(world.bucket.requests).toEqual([`put ${keyOf('_manifests/2024/01/01/full_day.json')}`])
  const { json: last } = await answered('name=daily&date=2024-01-01')
  expect(stored('full_day')).toMatchObject({ events: 21, commit_seen: last.commit_seen })
  expect(last.commit_seen).toBeGreaterThan(manifest.commit_seen)
})

test('an hourly folder has its own; a folder without events too; without manifest=true none is in the bucket', async () => {
  const id = await pipelineOf('hourly')
  await send(views(0, 50))
  await work(id, 'export', (day + 1) as LocalHour, 1)
  await work(id, 'export', (day + 9) as LocalHour, 1)
  const { json } = await answered('name=hourly&date=2024-01-01&hour=1')
  expect(json).toMatchObject({
    ...{ hour: '01', events: 14, folder: keyOf('2024/01/01/01/') },
    ...{ first_time: '2024-01-01T01:00:00.000Z', last_time: '2024-01-01T01:21:40.000Z' },
  })
  expect(stored('01')).toMatchObject({ hour: '01', events: 14 })
  expect(stored('09')).toMatchObject({ hour: '09', events: 0, bytes: 0, files: [] })
  expect(stored('09').first_time).toBeUndefined()
  await work(await pipelineOf('daily', false), 'export')
  expect((await answered('name=daily&date=2024-01-01')).json).toMatchObject({ events: 50 })
  expect(stored('full_day')).toBeNull()
})

test('what has no manifest is said, and the parameters are checked', async () => {
  await work(await pipelineOf('hourly'), 'export', day, 1)
  await work(await pipelineOf('daily'), 'export')
  const refused: [query: string, status: number, sentence: string][] = [
    ['name=other&date=2024-01-01', 404, 'not a pipeline'],
    ['name=daily&date=2024-01-02', 404, 'no finished folder of 2024-01-02'],
    ['name=hourly&date=2024-01-01&hour=05', 404, 'at 05 h'],
    ['name=daily', 400, 'date is missing'],
    ['name=daily&date=2024-13-01', 400, 'YYYY-MM-DD'],
    ['name=daily&date=2024-01-01&hour=1', 400, 'hour goes only with an hourly pipeline'],
    ['name=hourly&date=2024-01-01', 400, 'hour is missing'],
    ['name=hourly&date=2024-01-01&hour=24', 400, '00 to 23'],
    ['name=daily&day=2024-01-01', 400, 'did you mean date?'],
  ]
  for (const [query, status, sentence] of refused) {
    const { status: found, json } = await answered(query)
    expect([query, found, json.error]).toEqual([query, status, expect.stringContaining(sentence)])
  }
})

test('create takes manifest=true or false, and jobs shows it', async () => {
  const create = (manifest: string) =>
    server.call(project.apiSecret, 'create', { ...fineRequest, from_date: '2024-01-01', manifest })
  expect(await create('yes')).toMatchObject({ status: 400, json: { error: expect.stringContaining('true') } })
  expect((await create('true')).status).toBe(200)
  const { json } = await server.call(project.apiSecret, 'jobs')
  expect(json[project.projectId]).toMatchObject([{ name: 'events-daily-s3-raw', manifest: true }])
})
