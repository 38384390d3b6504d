/** What a run exports is fixed by its first attempt: a later one has nothing else to say. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalHour, PipelineId, ProjectId, RunId } from '../../src/ids.ts'
import { runExport } from '../../src/workflows/run-export.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour

let storePlace: StorePlace
let world: ExportWorld
let projectId: ProjectId
let pipelineId: PipelineId
let runId: RunId
beforeAll(async () => {
  storePlace = await openStorePlace('run-contents')
  world = await createExportWorld({ ...storePlace, startMs: (day + 48) * 3_600_000 })
  projectId = await insertProject(storePlace.db)
  const events = ['Viewed', 'Paid'].flatMap((event) =>
    Array.from({ length: 300 }, (_, index) => ({
      event,
      properties: {
        time: day * 3600 + index * 200,
        distinct_id: 'ann',
        $insert_id: `${event}-${index}`,
        payload: `${Math.sin(index)}`,
      },
    })),
  )
  await world.append(projectId, 'UTC', events)
  pipelineId = await insertPipeline(storePlace.db, projectId, { events: ['Viewed'] })
  runId = await insertRun(storePlace.db, pipelineId, { local_hour: day, kind: 'export' })
})
afterAll(async () => {
  await storePlace?.close()
})

/** An attempt of a worker with settings of its own; `complete` can't be put. */
async function attempt(workerId: string, sizes: { partSizeBytes: number; fileSizeBytes: number }) {
  world.bucket.requests.length = 0
  world.bucket.strike = (request, when) => {
    if (when === 'before' && /^put .*\/complete$/.test(request)) throw new Error('the bucket is away')
  }
  world.clock.ms += 3_600_000
  await runExport({ ...world.deps, ...sizes, workerId }, runId, new AbortController().signal)
  return world.bucket.requests.filter((request) => request.startsWith('put ')).sort()
}

const edit = (events: string[] | null) =>
  storePlace.db.updateTable('pipeline').set({ events }).where('id', '=', pipelineId).execute()

test('attempts write the same, whatever is edited and however workers are set up; what starts afresh goes by what is edited', async () => {
  const first = await attempt('a', { partSizeBytes: 2048, fileSizeBytes: 600 })
  expect(first.length).toBeGreaterThan(2)
  expect(await readRun(storePlace.db, runId)).toMatchObject({ state: 'retried' })
  await edit(null)
  expect(await attempt('b', { partSizeBytes: 65_536, fileSizeBytes: 1_000_000 })).toEqual(first)

  await storePlace.db
    .updateTable('run')
    .set({ snapshot_commit: null, contents: null })
    .where('id', '=', runId)
    .execute()
  const afresh = await attempt('c', { partSizeBytes: 65_536, fileSizeBytes: 1_000_000 })
  expect(afresh).toHaveLength(1)
  expect(world.bucket.lines('').filter((line) => line.includes('"Paid"')).length).toBeGreaterThan(0)
})

test('members are merged between two attempts: what the first has left is gone before `complete` comes', async () => {
  const more = Array.from({ length: 4 }, (_, commit) =>
    Array.from({ length: 60 }, (_, index) => ({
      event: 'Viewed',
      properties: {
        time: day * 3600 + index * 200 + commit,
        distinct_id: 'ann',
        $insert_id: `more-${commit}-${index}`,
        payload: `${Math.sin(index + commit)}`,
      },
    })),
  )
  for (const events of more) await world.append(projectId, 'UTC', events)
  pipelineId = await insertPipeline(storePlace.db, projectId, { s3_prefix: 'merged' })
  runId = await insertRun(storePlace.db, pipelineId, { local_hour: day, kind: 'export' })
  const sizes = { partSizeBytes: 2048, fileSizeBytes: 600 }
  const first = await attempt('a', sizes)
  await world.compact({ mergeBytesMax: 1_000_000, fanIn: 2 })

  let beforeComplete: string[] = []
  world.bucket.requests.length = 0
  world.bucket.strike = (request, when) => {
    if (when === 'before' && request.endsWith('/complete')) beforeComplete = world.bucket.lines('merged/')
  }
  world.clock.ms += 3_600_000
  await runExport({ ...world.deps, ...sizes, workerId: 'b' }, runId, new AbortController().signal)
  expect(await readRun(storePlace.db, runId)).toMatchObject({ state: 'succeeded', attempt: 2 })
  // Its files are others: of the same lines, in the order and the compression of the merged members.
  const written = new Set(world.bucket.requests.filter((request) => request.startsWith('put ')))
  expect(first.filter((request) => !written.has(request)).length).toBeGreaterThan(0)
  expect(beforeComplete.length).toBe(600 + 240)
  expect(new Set(beforeComplete).size).toBe(beforeComplete.length)
})
