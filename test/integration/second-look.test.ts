/** A folder is looked at again after an attempt at it broke off, or got no answer: what was sent then may have arrived since. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cancelPipeline, pausePipeline, resumePipeline } from '../../src/control/pipelines/change-pipeline.ts'
import { findPipelinesToLookAt, planLooks } from '../../src/control/pipelines/plan-looks.ts'
import type { LocalHour, PipelineId, ProjectId, RunId } from '../../src/ids.ts'
import { lineOf, type TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const minuteMs = 60_000

let place: StorePlace
let world: ExportWorld
let projectId: ProjectId
let pipelineId: PipelineId
let sent: TestEvent[]
/** When the first attempt broke off. */
let brokenOffMs: number
beforeAll(async () => {
  place = await openStorePlace('second-look')
  world = await createExportWorld({ ...place, startMs: (day + 48) * 3_600_000 })
})
afterAll(() => place?.close())

beforeEach(async () => {
  projectId = await insertProject(place.db)
  // One that wants no syncs is looked at all the same, and gets nothing by it.
  pipelineId = await insertPipeline(place.db, projectId, { sync: false, manifest: true })
  sent = Array.from({ length: 100 }, (_, index) => eventOf(index))
  await world.append(projectId, 'UTC', sent)
  world.clock.ms += 24 * 60 * minuteMs
  brokenOffMs = world.clock.ms
  await exportFolder()
})

const eventOf = (index: number): TestEvent => ({
  event: 'Viewed',
  properties: { time: day * 3600 + index * 400, distinct_id: 'ann', $insert_id: `e-${index}`, index },
})

const key = (name: string) => `${projectId}/2024/01/01/full_day/${name}`

/** The first attempt breaks off before `complete`, the second comes to its end. */
async function exportFolder(): Promise<void> {
  const runId = await insertRun(place.db, pipelineId, { local_hour: day, kind: 'export' })
  world.bucket.strike = (request, when) => {
    if (when === 'before' && request === `put ${key('complete')}`) throw new Error('the bucket is away')
  }
  await world.work(runId)
  world.bucket.strike = () => {}
  expect(await readRun(place.db, runId)).toMatchObject({ state: 'retried' })
  world.clock.ms += 10_000
  await world.work(runId)
  expect(await readRun(place.db, runId)).toMatchObject({ state: 'succeeded', attempt: 2 })
  expectWhole()
}

const folderRow = () =>
  place.db.selectFrom('folder').selectAll().where('pipeline_id', '=', pipelineId).executeTakeFirstOrThrow()

const noJobs = { enqueue: async () => {} }
const plan = (nowMs: number) =>
  place.db.transaction().execute((tx) => planLooks(tx, noJobs, pipelineId, nowMs))

const syncRun = () =>
  place.db
    .selectFrom('run')
    .select('id')
    .where('pipeline_id', '=', pipelineId)
    .where('kind', '=', 'sync')
    .executeTakeFirstOrThrow()

/** The look that is due next is taken; gives what was asked of the bucket. */
async function look(): Promise<string[]> {
  world.clock.ms = (await folderRow()).look_at?.getTime() ?? Number.NaN
  expect(await findPipelinesToLookAt(place.db, world.clock.ms)).toContain(pipelineId)
  expect(await plan(world.clock.ms)).toBe(1)
  const { id } = await syncRun()
  return await workLook(id)
}

async function workLook(id: RunId): Promise<string[]> {
  world.bucket.requests.length = 0
  await world.work(id)
  expect(await readRun(place.db, id)).toMatchObject({ state: 'succeeded', files: 0, events: 0 })
  return world.bucket.requests.map((request) => request.replace(key(''), ''))
}

const manifest = () => `put ${projectId}/_manifests/2024/01/01/full_day.json`
const files = () => [...world.bucket.objects.keys()].filter((name) => name.startsWith(key('part-')))

function expectWhole(): void {
  expect(world.bucket.lines(key('')).sort()).toEqual(sent.map(lineOf).sort())
  expect(world.bucket.objects.has(key('complete'))).toBe(true)
}

test('two minutes after the attempt broke off, four, eight …, and at last when nothing can arrive any more', async () => {
  const minutes: number[] = []
  while ((await folderRow()).look_at !== null) {
    expect(await look()).toEqual(['list ', manifest()])
    minutes.push((world.clock.ms - brokenOffMs) / minuteMs)
  }
  expect(minutes).toEqual([2, 4, 8, 16, 30])
  expect(await folderRow()).toMatchObject({ synced_at: [] })
})

test('a folder at which no attempt broke off is not looked at again', async () => {
  await exportInOneAttempt()
  expect(await folderRow()).toMatchObject({ look_at: null })
})

test.each(['put part-', 'put complete', 'delete complete'])(
  'one whose only attempt has asked twice for want of an answer is (%s)',
  async (request) => {
    // There was one before.
    world.bucket.objects.set(key('complete').replace(`${projectId}/`, `other/${projectId}/`), Buffer.alloc(0))
    const folder = `other/${key('')}`
    world.bucket.losesAnswer = (asked) => asked.replace(folder, '').startsWith(request)
    await exportInOneAttempt()
    world.bucket.losesAnswer = () => false
    const finishedMs = world.clock.ms
    const minutes: number[] = []
    while ((await folderRow()).look_at !== null) {
      await look()
      minutes.push((world.clock.ms - finishedMs) / minuteMs)
    }
    expect(minutes).toEqual([2, 4, 8, 16, 30])
  },
)

async function exportInOneAttempt(): Promise<void> {
  pipelineId = await insertPipeline(place.db, projectId, { s3_prefix: 'other' })
  const runId = await insertRun(place.db, pipelineId, { local_hour: day, kind: 'export' })
  await world.work(runId)
  expect(await readRun(place.db, runId)).toMatchObject({ state: 'succeeded', attempt: 1 })
}

describe('what arrived late is put right:', () => {
  test('`complete` was taken away', async () => {
    world.bucket.objects.delete(key('complete'))
    expect(await look()).toEqual(['list ', 'list ', 'list ', manifest(), 'put complete'])
    expectWhole()
  })

  test('a file came that is not of the folder: `complete` is away while it is there', async () => {
    const stray = 'part-00000-ffffffff.json.gz'
    world.bucket.objects.set(key(stray), Buffer.from('of another attempt'))
    const asked = await look()
    expect(asked).toEqual([
      'list ',
      'list ',
      'delete complete',
      'list ',
      `delete ${stray}`,
      manifest(),
      'put complete',
    ])
    expectWhole()
  })

  test('the manifest is another one', async () => {
    const name = manifest().replace('put ', '')
    const before = world.bucket.objects.get(name) as Buffer
    world.bucket.objects.set(name, Buffer.alloc(before.length))
    await look()
    expect(world.bucket.objects.get(name)).toEqual(before)
  })

  test('a file was taken away: the folder is exported whole', async () => {
    world.bucket.objects.delete(files()[0] ?? '')
    world.clock.ms = (await folderRow()).look_at?.getTime() ?? Number.NaN
    await plan(world.clock.ms)
    await world.work((await syncRun()).id)
    expectWhole()
  })
})

test('what came in since stays out, whatever becomes of the look: the pipeline is paused and resumed before it', async () => {
  await world.append(projectId, 'UTC', [eventOf(100)])
  const { seen_commit } = await folderRow()
  world.clock.ms += 3 * minuteMs
  await plan(world.clock.ms)
  const { name } = await place.db
    .selectFrom('pipeline')
    .select('name')
    .where('id', '=', pipelineId)
    .executeTakeFirstOrThrow()
  await pausePipeline(place.db, { projectId, name })
  expect(await findPipelinesToLookAt(place.db, world.clock.ms + 3_600_000)).not.toContain(pipelineId)
  await resumePipeline(place.db, noJobs, { projectId, name }, { nowMs: world.clock.ms })
  expect(await workLook((await syncRun()).id)).toEqual(['list ', manifest()])
  expectWhole()
  expect(await folderRow()).toMatchObject({ seen_commit })

  await cancelPipeline(place.db, { projectId, name }, { nowMs: world.clock.ms })
  expect(await folderRow()).toMatchObject({ look_at: null })
})

test('a look that does not come to its end is planned again, and none is while a run of the folder waits', async () => {
  world.clock.ms += 3 * minuteMs
  expect(await plan(world.clock.ms)).toBe(1)
  expect(await plan(world.clock.ms)).toBe(0)
  world.clock.ms += 11 * minuteMs
  expect(await plan(world.clock.ms)).toBe(0)
  await place.db.updateTable('run').set({ state: 'failed' }).where('kind', '=', 'sync').execute()
  world.clock.ms += 11 * minuteMs
  expect(await plan(world.clock.ms)).toBe(1)
  expect(await workLook((await syncRun()).id)).toEqual(['list ', manifest()])
})
