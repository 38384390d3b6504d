/** Lines that an export leaves out because of their dedup keys, before it has seen that their events are the same. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dedupKey, dedupKeyBytes } from '../../src/data/ingest/dedup-key.ts'
import type { LocalHour } from '../../src/ids.ts'
import { lineOf, type TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const dayMs = day * 3_600_000

let place: StorePlace
beforeAll(async () => {
  place = await openStorePlace('assumed')
})
afterAll(() => place?.close())

const events = (count: number, version: number): TestEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    event: 'Viewed',
    properties: {
      time: dayMs / 1000 + index * 60,
      distinct_id: `user ${index}`,
      $insert_id: `i-${index}`,
      payload: `${version} ${Math.sin(index)}`,
    },
  }))

/** A day whose every tenth event has come again and says something else; what it must be exported as. */
async function exportDay(hash = dedupKey) {
  const world = await createExportWorld({ ...place, startMs: dayMs + 86_400_000 * 2 })
  world.deps.dedupKeysInMemoryMax = 100_000
  const projectId = await insertProject(place.db)
  const pipelineId = await insertPipeline(place.db, projectId)
  const [sent, again] = [events(300, 1), events(300, 2).filter((_, index) => index % 10 === 0)]
  await world.append(projectId, 'UTC', sent, hash)
  await world.append(projectId, 'UTC', again, hash)
  const reads = countReads(world)
  const runId = await insertRun(place.db, pipelineId, { local_hour: day })
  await world.work(runId)
  expect(await readRun(place.db, runId)).toMatchObject({ state: 'succeeded', events: 300 })
  const newest = new Map([...sent, ...again].map((event) => [event.properties.$insert_id, lineOf(event)]))
  const folder = `${projectId}/2024/01/01/full_day/`
  expect(world.bucket.lines(folder).sort()).toEqual([...newest.values()].sort())
  return { world, folder, reads }
}

/** How often the bytes of each member were read. */
function countReads({ deps }: ExportWorld): Map<string, number> {
  const reads = new Map<string, number>()
  const { store } = deps
  deps.store = {
    ...store,
    readMember: (member) => {
      const name = `${member.segmentId}/${member.ordinal}`
      reads.set(name, (reads.get(name) ?? 0) + 1)
      return store.readMember(member)
    },
  }
  return reads
}

test('a member is opened once, to compare its events and to leave lines out', async () => {
  const { reads, world, folder } = await exportDay()
  expect(reads.size).toBeGreaterThan(5)
  expect(new Set(reads.values())).toEqual(new Set([1]))
  // Nothing was written twice.
  expect(world.bucket.requests.filter((request) => request.startsWith('put')).length).toBe(
    [...world.bucket.objects.keys()].filter((key) => key.startsWith(folder)).length,
  )
})

test('where other events have the same keys, the files are written anew before the folder is complete', async () => {
  const { world, folder } = await exportDay((identity) =>
    dedupKey(identity).slice(0, 1).padEnd(dedupKeyBytes, '\0'),
  )
  const puts = world.bucket.requests.filter((request) => request.startsWith('put'))
  expect(puts.indexOf(`put ${folder}complete`)).toBe(puts.length - 1)
  const files = [...world.bucket.objects.keys()].filter((key) => key.endsWith('.json.gz'))
  expect(puts.length - 1).toBeGreaterThan(files.length)
})
