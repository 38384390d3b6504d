/** `preview`, `events/recent`, `schema` and `estimate` on a real store: what is stored is found, within bounds, and nobody else's. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstHourOf } from '../../src/control/pipelines/calendar-date.ts'
import { type CreatedProject, createProject } from '../../src/control/projects/manage-projects.ts'
import type { LocalHour } from '../../src/ids.ts'
import { createTurns } from '../../src/take-turns.ts'
import { describeEvents } from '../../src/workflows/describe-events.ts'
import { type EventSearch, searchEvents } from '../../src/workflows/search-events.ts'
import type { TestEvent } from '../support/event-batches.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const timeZone = 'America/Los_Angeles'
const { signal } = new AbortController()

let storePlace: StorePlace
let world: ExportWorld
let project: CreatedProject
let other: CreatedProject
beforeAll(async () => {
  storePlace = await openStorePlace('search')
  project = await createProject(storePlace.db, { name: 'a project', timeZone })
  other = await createProject(storePlace.db, { name: 'another', timeZone })
  world = await createExportWorld({ ...storePlace, startMs: 0 })
  // Two commits, so that there are members of one name, of several, and of several hours.
  await world.append(project.projectId, timeZone, events.slice(0, 350))
  await world.append(project.projectId, timeZone, events.slice(350))
  await world.append(other.projectId, timeZone, [{ ...(events[0] as TestEvent), event: 'Secret' }])
})
afterAll(async () => {
  await storePlace?.close()
})

const dates = ['2024-02-10', '2024-02-11', '2024-02-13']

/** 200 of each of three days of Los Angeles. */
const events = dates.flatMap((date) =>
  Array.from({ length: 200 }, (_, index): TestEvent => {
    const time = Date.parse(`${date}T08:00:00Z`) / 1000 + index * 400
    const plan = index % 10 === 0 ? { plan: index % 20 === 0 ? 'pro' : null } : {}
    return {
      event: index % 4 === 0 ? 'Viewed' : 'Order "paid"',
      properties: {
        ...{
          time,
          distinct_id: `user ${index % 50}`,
          $insert_id: `${date}-${index}`,
          amount: index,
          tags: ['a'],
        },
        ...plan,
      },
    }
  }),
)
const newestFirst = (list: TestEvent[]) =>
  list.toSorted((one, two) => two.properties.time - one.properties.time)

async function search(wanted: Partial<EventSearch>, bytesMax = 1e9) {
  const deps = { ...world.deps, bytesMax, turns: createTurns<EventSearch['projectId']>(1) }
  const all = {
    projectId: project.projectId,
    toHour: firstHourOf('2024-03-01'),
    eventNames: null,
    where: null,
    limit: 20,
  }
  const { lines, ...rest } = await searchEvents(deps, { ...all, ...wanted }, signal)
  return { events: lines.map((line) => JSON.parse(line)), ...rest }
}

test('the newest events come first, and as many as are asked for', async () => {
  const found = await search({ limit: 30 })
  expect(found.events).toEqual(newestFirst(events).slice(0, 30))
  expect(found).toMatchObject({ searchedFrom: firstHourOf('2024-02-13'), isComplete: true, hasOlder: true })
})

test('names and an expression choose among them, over days', async () => {
  const wanted = events.filter(
    ({ event, properties }) => event === 'Viewed' && Number(properties.amount) >= 192,
  )
  const found = await search({ eventNames: ['Viewed'], where: 'properties["amount"] >= 192' })
  expect(found.events).toEqual(newestFirst(wanted))
  expect(found).toMatchObject({ isComplete: true, hasOlder: false, searchedFrom: firstHourOf('2024-02-10') })
})

test('the next search goes on where the one before ended', async () => {
  const seen: TestEvent[] = []
  let toHour = firstHourOf('2024-03-01')
  for (;;) {
    const found = await search({ where: 'properties["distinct_id"] == "user 7"', toHour, limit: 3 })
    seen.push(...found.events)
    if (!found.hasOlder) break
    toHour = found.searchedFrom as LocalHour
  }
  const days = Object.groupBy(seen, ({ properties }) => properties.$insert_id.slice(0, 10))
  expect(Object.values(days).map((each) => each?.length)).toEqual([3, 3, 3])
})

test('an expression may ask for profiles of users', async () => {
  await storePlace.database.pool.query(
    `insert into profile (project_id, group_key, id, properties, updated_at) values ($1, '', 'user 7', '{"plan":"team"}', now())`,
    [project.projectId],
  )
  const found = await search({ where: 'user["plan"] == "team"', limit: 100 })
  expect(found.events).toHaveLength(12)
  expect(new Set(found.events.map(({ properties }) => properties.distinct_id))).toEqual(new Set(['user 7']))
})

test('an event that came twice is shown once', async () => {
  const late = { ...(events.at(-1) as TestEvent) }
  late.properties = { ...late.properties, amount: -1 }
  await world.append(project.projectId, timeZone, [late])
  const found = await search({ limit: 2 })
  expect(found.events.map(({ properties }) => properties.$insert_id)).toEqual([
    '2024-02-13-199',
    '2024-02-13-198',
  ])
})

test('a search that would read too much breaks off, and says how far it came and what it left out', async () => {
  const found = await search({ where: 'properties["amount"] == -7' }, 1)
  expect(found).toMatchObject({ events: [], isComplete: false, hasOlder: true })
  expect(found.searchedFrom).toBe(firstHourOf('2024-02-13'))
  expect(found.eventsSearched).toBeGreaterThan(0)
  expect(found.eventsSearched + found.eventsSkipped).toBe(201)
})

test('nothing of another project is found or described', async () => {
  expect((await search({ where: 'event["$event_name"] == "Secret"' })).events).toEqual([])
  const names = (await describe()).map(({ name }) => name)
  expect(names).not.toContain('Secret')
})

async function describe(bytesMax = 1e9) {
  const deps = { ...world.deps, bytesMax, turns: createTurns<EventSearch['projectId']>(1) }
  const window = {
    projectId: project.projectId,
    fromHour: firstHourOf('2024-02-11'),
    toHour: firstHourOf('2024-03-01'),
  }
  return await describeEvents(deps, window, timeZone, signal)
}

const dayNumber = (date: string) => firstHourOf(date) / 24

test('names are counted by day in the project’s zone, whatever members they stand in', async () => {
  const found = (await describe()).sort((one, two) => (one.name < two.name ? -1 : 1))
  expect(found.map(({ name, days, isExact }) => [name, [...days].sort(), isExact])).toEqual([
    [
      'Order "paid"',
      [
        [dayNumber('2024-02-11'), 150],
        [dayNumber('2024-02-13'), 151],
      ],
      true,
    ],
    [
      'Viewed',
      [
        [dayNumber('2024-02-11'), 50],
        [dayNumber('2024-02-13'), 50],
      ],
      true,
    ],
  ])
})

test('properties have the types that their values have', async () => {
  const viewed = (await describe()).find(({ name }) => name === 'Viewed')
  const types = Object.fromEntries(viewed?.properties ?? [])
  expect(Object.keys(types).sort()).toEqual(['$insert_id', 'amount', 'distinct_id', 'plan', 'tags', 'time'])
  expect(types.amount).toEqual({ number: viewed?.sampled })
  expect(types.tags).toEqual({ list: viewed?.sampled })
  expect(Object.keys(types.plan ?? {})).toContain('text')
})

test('counts of a sample say that they are estimates', async () => {
  const found = await describe(1)
  expect(found.some(({ isExact }) => !isExact)).toBe(true)
})

test('the size of a range is that of its lines and members, by names an upper bound where they stand among others', async () => {
  const { projectId } = project
  const window = { projectId, fromHour: firstHourOf('2024-02-10'), toHour: firstHourOf('2024-02-11') }
  const all = await world.store.rangeSize(window, null)
  expect([all.events, all.isExact]).toEqual([200, true])
  expect(all.bytes).toBeGreaterThan(0)
  const some = await world.store.rangeSize(window, ['Viewed'])
  expect(some.events).toBeGreaterThanOrEqual(50)
  expect(some.isExact).toBe(some.events === 50)
  expect((await world.store.rangeSize(window, ['none'])).events).toBe(0)
})
