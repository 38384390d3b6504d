/** Exports whose `where` asks for profiles of users: which events they have, and as of when the profiles were read. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readFolder } from '../../src/control/folders/read-folder.ts'
import { findVerifiablePipelines } from '../../src/control/pipelines/find-verifiable-pipeline.ts'
import { readProfileValues } from '../../src/control/profiles/read-profile-values.ts'
import { updateProfiles } from '../../src/control/profiles/update-profiles.ts'
import type { LocalHour, PipelineId, ProjectId } from '../../src/ids.ts'
import { verifyPipeline } from '../../src/workflows/verify-pipeline.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { insertPipeline, insertProject, insertRun, readRun } from '../support/pipeline-rows.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const day = 473_352 as LocalHour
const nowMs = (day + 72) * 3_600_000

let place: StorePlace
let world: ExportWorld
let projectId: ProjectId
beforeAll(async () => {
  place = await openStorePlace('where-user')
  world = await createExportWorld({ ...place, startMs: nowMs })
})
afterAll(() => place?.close())
beforeEach(async () => {
  projectId = await insertProject(place.db)
})

const setProfile = (id: string, set: Record<string, unknown>, project = projectId) =>
  updateProfiles(
    place.db,
    project,
    [
      {
        ...{ groupKey: '', id, isDelete: false, set, setOnce: {}, add: {}, append: {}, union: {} },
        ...{ remove: {}, merge: {}, unset: [], seenMs: null },
      },
    ],
    nowMs,
  )

function eventOf(index: number, distinctId: unknown, event = 'Viewed'): TestEvent {
  const $insert_id = `${event}-${index}`
  const properties = { time: day * 3600 + index * 60, distinct_id: distinctId, $insert_id, amount: index }
  return { event, properties } as TestEvent
}

const pipelineOf = (where: string, columns: object = {}) =>
  insertPipeline(place.db, projectId, { where_expression: where, ...columns })

async function work(pipelineId: PipelineId, kind: 'export' | 'sync' = 'export') {
  await place.db.deleteFrom('run').where('pipeline_id', '=', pipelineId).execute()
  const run = await insertRun(place.db, pipelineId, { local_hour: day, kind })
  await world.work(run)
  expect((await readRun(place.db, run)).state).toBe('succeeded')
}

const exported = () =>
  world.bucket
    .lines(`${projectId}/`)
    .map((line) => JSON.parse(line).properties.amount as number)
    .sort((left, right) => left - right)

const upTo = (count: number, keep: (index: number) => boolean) =>
  Array.from({ length: count }, (_, index) => index).filter(keep)

test('an event is exported where the profile of its user says so, whatever else is asked', async () => {
  for (const index of upTo(20, (each) => each % 3 !== 1)) {
    await setProfile(`user ${index}`, { plan: index % 3 === 0 ? 'pro' : 'free', seats: index })
  }
  await setProfile('user 1', { plan: 'pro' }, await insertProject(place.db))
  await world.append(
    projectId,
    'UTC',
    upTo(200, () => true).map((index) =>
      eventOf(index, `user ${index % 20}`, index % 2 === 0 ? 'Viewed' : 'Paid'),
    ),
  )
  await work(await pipelineOf('user["plan"] == "pro" and properties["amount"] >= 50', { events: ['Paid'] }))
  const isPro = (index: number) => (index % 20) % 3 === 0
  expect(exported()).toEqual(upTo(200, (index) => index % 2 === 1 && isPro(index) && index >= 50))
})

test('users are found by ids of every kind; one without a profile has none of its properties', async () => {
  await setProfile('42', { plan: 'pro' })
  await setProfile('', { plan: 'pro' })
  await setProfile('é"\\', { plan: 'pro' })
  const ids = ['42', 42, '', 'é"\\', 'other', 'nul\u0000', null, { a: 1 }]
  await world.append(
    projectId,
    'UTC',
    ids.map((id, index) => eventOf(index, id)),
  )
  const bothWays = ['user["plan"] == "pro"', 'not defined(user["plan"])']
  const found: number[][] = []
  for (const [index, where] of bothWays.entries()) {
    await work(await pipelineOf(where, { s3_prefix: `way ${index}` }))
    found.push(
      world.bucket
        .lines(`way ${index}/${projectId}/`)
        .map((line) => JSON.parse(line).properties.amount)
        .sort(),
    )
  }
  expect(found).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ])
})

test('profiles come in rounds of bounded size, each once, and only what was asked for of them', async () => {
  const large = 'x'.repeat(900_000)
  const ids = upTo(12, () => true).map((index) => `user ${index}`)
  for (const id of ids.slice(0, 10)) await setProfile(id, { large, small: id })
  const rounds = await Array.fromAsync(
    readProfileValues(place.db, { projectId, ids, names: ['small', 'none'] }),
  )
  expect(rounds.length).toBeGreaterThan(1)
  for (const round of rounds)
    expect([...round.keys()].filter((id) => ids.indexOf(id) < 10).length).toBeLessThan(6)
  const values = rounds.flatMap((round) => [...round])
  expect(values.map(([id]) => id)).toEqual(ids)
  expect(values[3]).toEqual(['user 3', ['user 3', undefined]])
  expect(values[11]).toEqual(['user 11', []])
  await world.append(
    projectId,
    'UTC',
    ids.map((id, index) => eventOf(index, id)),
  )
  await work(await pipelineOf(`"xxx" in user["large"]`))
  expect(exported()).toEqual(upTo(10, () => true))
})

test('a profile that changes later changes no folder, until late events have it written anew, whole', async () => {
  await setProfile('ann', { plan: 'pro' })
  await world.append(projectId, 'UTC', [eventOf(0, 'ann'), eventOf(1, 'bob')])
  const name = `pipeline ${projectId}`
  const id = await pipelineOf('user["plan"] == "pro"', { name })
  await work(id)
  expect(exported()).toEqual([0])
  const folder = { pipelineId: id, localHour: day }
  const profilesRead = async () => (await readFolder(place.db, folder))?.contents?.profilesReadAtMs
  expect(await profilesRead()).toBe(nowMs)
  await setProfile('ann', { plan: 'free' })
  await setProfile('bob', { plan: 'pro' })

  const [pipeline] = await findVerifiablePipelines(place.db, name, projectId)
  if (pipeline === undefined) throw new Error('the pipeline is gone')
  const hours = { fromHour: day, toHour: (day + 24) as LocalHour }
  const { signal } = new AbortController()
  const verified = await Array.fromAsync(verifyPipeline(world.deps, { pipeline, hours, signal }))
  expect(verified).toMatchObject([{ state: 'finished', events: 1, differences: [] }])
  expect(exported()).toEqual([0])

  await world.append(projectId, 'UTC', [eventOf(2, 'bob')])
  world.clock.ms += 1000
  await work(id, 'sync')
  expect(exported()).toEqual([1, 2])
  expect(await profilesRead()).toBe(nowMs + 1000)
  world.clock.ms = nowMs
})
