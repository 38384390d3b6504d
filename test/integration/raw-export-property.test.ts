/**
 * The Raw Export API gives what pipelines export: of random events, with duplicates, in several commits and zones, before
 * and after a compaction, and of any selection of them, the lines of a range of days are those of its days' folders.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, firstHourOf } from '../../src/control/pipelines/calendar-date.ts'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import { createExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertRun } from '../support/pipeline-rows.ts'
import { randomEvent, randomEventNames } from '../support/random-events.ts'
import { sourceOf, startRawExportServer } from '../support/raw-export-server.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const zones = ['UTC', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Apia']
const dates = ['2023-11-13', '2023-11-14', '2023-11-15', '2023-11-16']

let place: StorePlace
beforeAll(async () => {
  place = await openStorePlace('raw-export')
})
afterAll(() => place?.close())

const event = randomEvent(fc.integer({ min: 0, max: 23 }).map((place) => 1_699_880_000 + place * 3 * 3600))
const commits = fc.array(fc.array(event, { minLength: 20, maxLength: 60 }), { minLength: 2, maxLength: 6 })
const selection = fc.record({
  events: fc.option(fc.subarray(randomEventNames, { minLength: 1 })),
  where: fc.option(
    fc.constantFrom(
      'properties["$insert_id"] == "i-2"',
      '"a" in properties["payload"] or event["$event_name"] == "Page"',
      'event["$time"] < datetime(1700021600) and not properties["distinct_id"] in ["bob"]',
    ),
  ),
})
const range = fc
  .tuple(fc.nat(dates.length - 1), fc.nat(dates.length - 1))
  .map(([a, b]) => [dates[Math.min(a, b)] ?? '', dates[Math.max(a, b)] ?? ''] as const)

test('a range of days gives the lines of its folders, each once', { timeout: 300_000 }, async () => {
  const world = await createExportWorld({ ...place, startMs: 0 })
  let compared = 0
  await fc.assert(
    fc.asyncProperty(
      ...[commits, selection, range, fc.constantFrom(...zones), fc.boolean()],
      async (committed, selected, [from, to], timeZone, isCompacted) => {
        const project = await createProject(place.db, { name: 'a project', timeZone })
        for (const events of committed) await world.append(project.projectId, timeZone, events)
        if (isCompacted) await world.compact({ mergeBytesMax: 1_000_000, fanIn: 2 })
        const pipelineId = await insertPipeline(place.db, project.projectId, {
          events: selected.events,
          where_expression: selected.where,
        })
        for (let date = from; date <= to; date = addDays(date, 1)) {
          await world.work(await insertRun(place.db, pipelineId, { local_hour: firstHourOf(date) }))
        }
        const exported = world.bucket.lines(`${project.projectId}/`)
        const server = await startRawExportServer(place.db, sourceOf(world, place.threads))
        try {
          const answer = await server.get(project.apiSecret, {
            ...{ from_date: from, to_date: to },
            ...(selected.events === null ? {} : { event: JSON.stringify(selected.events) }),
            ...(selected.where === null ? {} : { where: selected.where }),
          })
          expect(answer.status).toBe(200)
          const lines = (await answer.text()).split('\n').slice(0, -1)
          expect(lines.sort()).toEqual(exported.sort())
          compared += lines.length
        } finally {
          await server.close()
        }
      },
    ),
    { numRuns: Number(process.env.PENSTOCK_RAW_EXPORT_RUNS ?? 6) },
  )
  expect(compared).toBeGreaterThan(0)
})
