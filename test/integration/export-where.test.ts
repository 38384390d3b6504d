import { afterAll, beforeAll, expect, test } from 'vitest'
import { editPipeline } from '../../src/control/pipelines/change-pipeline.ts'
import type { LocalHour } from '../../src/ids.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const dayMs = day * 3_600_000

let place: StorePlace
beforeAll(async () => {
  place = await openStorePlace('where')
})
afterAll(() => place?.close())

const dayOf = (atHour: LocalHour): TestEvent[] =>
  Array.from({ length: 200 }, (_, index) => ({
    event: index % 2 === 0 ? 'Viewed' : 'Paid',
    properties: {
      time: atHour * 3600 + index * 60,
      distinct_id: `user ${index}`,
      $insert_id: `i-${index}`,
      plan: ['free', 'company', 'C"ompany'][index % 3],
      amount: index,
    },
  }))

test("a pipeline's where holds for its runs, and an edited one for the next of them", async () => {
  const nextDay = (day + 24) as LocalHour
  const world = await createExportWorld({ ...place, startMs: dayMs + 86_400_000 * 3 })
  const projectId = await insertProject(place.db)
  const pipelineId = await insertPipeline(place.db, projectId, {
    events: ['Paid'],
    where_expression: 'properties["plan"] == "company" and properties["amount"] >= 50',
  })
  for (const hour of [day, nextDay]) await world.append(projectId, 'UTC', dayOf(hour))
  const exportedOf = (key: string) =>
    world.bucket.lines(`${projectId}/${key}/full_day/`).map((line) => JSON.parse(line) as TestEvent)

  const first = await insertRun(place.db, pipelineId, { local_hour: day })
  await world.work(first)
  const expected = dayOf(day).filter(
    ({ event, properties: { plan, amount } }) =>
      event === 'Paid' && plan === 'company' && Number(amount) >= 50,
  )
  expect(exportedOf('2024/01/01')).toEqual(expect.arrayContaining(expected))
  expect(await readRun(place.db, first)).toMatchObject({ state: 'succeeded', events: expected.length })

  const { name } = await place.db
    .selectFrom('pipeline')
    .select('name')
    .where('id', '=', pipelineId)
    .executeTakeFirstOrThrow()
  await editPipeline(place.db, { projectId, name }, { events: null, where: '"\\"" in properties["plan"]' })
  const second = await insertRun(place.db, pipelineId, { local_hour: nextDay })
  await world.work(second)
  const quoted = dayOf(nextDay).filter(({ properties }) => properties.plan === 'C"ompany')
  expect(exportedOf('2024/01/02')).toEqual(expect.arrayContaining(quoted))
  expect(await readRun(place.db, second)).toMatchObject({ state: 'succeeded', events: quoted.length })
})

test('late events of an edited pipeline have their folder written anew, with what it selects now', async () => {
  const world = await createExportWorld({ ...place, startMs: dayMs + 86_400_000 * 3 })
  const projectId = await insertProject(place.db)
  const name = 'edited'
  const pipelineId = await insertPipeline(place.db, projectId, {
    name,
    where_expression: 'properties["plan"] == "free"',
  })
  const [late, ...early] = dayOf(day).filter(({ properties }) => properties.plan === 'company')
  await world.append(projectId, 'UTC', [...early, ...dayOf(day).filter(({ event }) => event === 'Viewed')])
  const exported = () =>
    world.bucket.lines(`${projectId}/2024/01/01/full_day/`).map((line) => JSON.parse(line))
  await world.work(await insertRun(place.db, pipelineId, { local_hour: day }))
  expect(new Set(exported().map(({ properties }) => properties.plan))).toEqual(new Set(['free']))

  await editPipeline(place.db, { projectId, name }, { where: 'properties["plan"] == "company"' })
  await world.append(projectId, 'UTC', [late as TestEvent])
  await world.work(await insertRun(place.db, pipelineId, { local_hour: day, kind: 'sync' }))
  const expected = [late, ...early]
  expect(exported()).toEqual(expect.arrayContaining(expected))
  expect(exported()).toHaveLength(expected.length)
})

test('a folder of which no event meets the expression is complete and empty', async () => {
  const world = await createExportWorld({ ...place, startMs: dayMs + 86_400_000 * 3 })
  const projectId = await insertProject(place.db)
  const pipelineId = await insertPipeline(place.db, projectId, {
    where_expression: 'properties["amount"] > 1000',
  })
  await world.append(projectId, 'UTC', dayOf(day))
  const runId = await insertRun(place.db, pipelineId, { local_hour: day })
  await world.work(runId)
  expect(await readRun(place.db, runId)).toMatchObject({ state: 'succeeded', files: 0, events: 0 })
  const keys = [...world.bucket.objects.keys()].filter((key) => key.startsWith(`${projectId}/`))
  expect(keys).toEqual([`${projectId}/2024/01/01/full_day/complete`])
})
