import { afterAll, beforeAll, expect, test } from 'vitest'
import { unpackFileMembers } from '../../src/data/plan/file-members.ts'
import type { LocalHour, PipelineId } from '../../src/ids.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const dayMs = day * 3_600_000
const key = '2024/01/01/full_day/'

let place: StorePlace
beforeAll(async () => {
  place = await openStorePlace('contents')
})
afterAll(() => place?.close())

const filesOf = (pipelineId: PipelineId) =>
  place.db
    .selectFrom('folder_file')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .orderBy('ordinal')
    .execute()

const events = (count: number, name: string): TestEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    event: name,
    properties: {
      time: dayMs / 1000 + index * 60,
      distinct_id: `user ${index}`,
      $insert_id: `i-${index}`,
      payload: `${name} ${index} ${Math.sin(index)}`,
    },
  }))

test('a finished run records its files, their members, and the lines that newer ones replace', async () => {
  const world = await createExportWorld({ ...place, startMs: dayMs + 86_400_000 * 2 })
  const projectId = await insertProject(place.db)
  const pipelineId = await insertPipeline(place.db, projectId, { events: ['Viewed'] })
  await world.append(projectId, 'UTC', [...events(300, 'Viewed'), ...events(20, 'Left')])
  await world.append(
    projectId,
    'UTC',
    events(300, 'Viewed').filter((_, index) => index % 10 === 0),
  )
  const runId = await insertRun(place.db, pipelineId, { local_hour: day })
  await world.work(runId)
  expect(await readRun(place.db, runId)).toMatchObject({ state: 'succeeded', events: 300 })

  const found = await place.db
    .selectFrom('folder')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirstOrThrow()
  expect(found).toMatchObject({ local_hour: day, hours: 24, duplicates: 30, seen_commit: 2, synced_at: [] })
  const files = await filesOf(pipelineId)
  const prefix = `${projectId}/${key}`
  const objects = [...world.bucket.objects].filter(([name]) => name.endsWith('.gz')).sort()
  expect(files.length).toBeGreaterThan(2)
  expect(files.map(({ name, byte_length }) => [`${prefix}${name}`, byte_length])).toEqual(
    // Files go up side by side and arrive in any order.
    objects.map(([name, bytes]) => [name, bytes.length]).sort(),
  )
  for (const file of files) expect(file.name).toContain(file.crc32.toString(16).padStart(8, '0'))
  const times = world.bucket
    .lines(prefix)
    .map((line) => (JSON.parse(line) as TestEvent).properties.time * 1000)
  expect(Math.min(...files.map(({ min_time_ms }) => min_time_ms))).toBe(Math.min(...times))
  expect(Math.max(...files.map(({ max_time_ms }) => max_time_ms))).toBe(Math.max(...times))

  const members = files.flatMap((file) => unpackFileMembers(file.members))
  const inStore = await world.store.members(
    { projectId, fromHour: day, toHour: (day + 24) as LocalHour },
    await world.store.snapshot(),
  )
  const wanted = inStore.filter(({ eventNames }) => eventNames?.includes('Viewed'))
  expect(members.map(({ segmentId, ordinal }) => [segmentId, ordinal])).toEqual(
    wanted.map(({ segmentId, ordinal }) => [segmentId, ordinal]),
  )
  const leftOut = members.flatMap((member) => [...(member.leftOut ?? [])])
  expect(leftOut.map((byte) => byte.toString(2).replaceAll('0', '').length).reduce((a, b) => a + b)).toBe(30)
})

test('an empty folder is recorded as one without files', async () => {
  const world = await createExportWorld({ ...place, startMs: dayMs + 86_400_000 * 2 })
  const pipelineId = await insertPipeline(place.db, await insertProject(place.db))
  await world.work(await insertRun(place.db, pipelineId, { local_hour: day }))
  expect(await filesOf(pipelineId)).toEqual([])
  expect(
    await place.db.selectFrom('folder').selectAll().where('pipeline_id', '=', pipelineId).execute(),
  ).toMatchObject([{ duplicates: 0 }])
})
