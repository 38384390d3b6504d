/** What clients were refused is kept for each project by itself, in a bound, and holds nothing up. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { createProject } from '../../src/control/projects/manage-projects.ts'
import {
  createRefusalRecord,
  listRefusals,
  type Refusal,
  type RefusalRecord,
} from '../../src/control/projects/refusals.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { silentLog } from '../support/silent-log.ts'

/** Of a project; of more, those that came last the longest ago are forgotten. */
const keptMax = 100

let database: TestDatabase
let record: RefusalRecord
let acme: ProjectId
let globex: ProjectId
const clock = { ms: Date.parse('2024-03-01T20:00:00Z'), nowMs: () => clock.ms }

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  record = createRefusalRecord(database.db, clock, silentLog)
  acme = await project()
  globex = await project()
})

const project = async () =>
  (await createProject(database.db, { name: 'a project', timeZone: 'UTC' })).projectId

const refusal = (projectId: ProjectId, message: string): Refusal => ({
  projectId,
  path: '/import',
  field: 'properties.time',
  message,
})

/** Counts these, and writes them a minute after those before. */
async function write(projectId: ProjectId, messages: string[]): Promise<void> {
  clock.ms += 60_000
  for (const message of messages) record.count(refusal(projectId, message))
  await record.stop()
}

async function kept(projectId: ProjectId) {
  const known = await listRefusals(database.db, [projectId])
  expect([...known.keys()].every((id) => id === projectId)).toBe(true)
  return known.get(projectId) ?? []
}

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `cause ${from + index}`)

test('a project keeps its newest hundred causes, whatever another one is refused', async () => {
  await write(acme, numbered(0, 60))
  await write(globex, ['its own'])
  await write(acme, numbered(60, 40))
  // The first ten come again: they are newer than those that came once.
  await write(acme, numbered(0, 10))
  await write(acme, numbered(100, 30))
  const messages = (await kept(acme)).map(({ message }) => message)
  expect(messages).toHaveLength(keptMax)
  expect(new Set(messages)).toEqual(new Set([...numbered(0, 10), ...numbered(40, 90)]))
  expect((await kept(globex)).map(({ message }) => message)).toEqual(['its own'])
})

test('the same cause is one, which counts on and keeps when it came first', async () => {
  await write(acme, ['again', 'again'])
  const firstAtMs = clock.ms
  await write(acme, ['again'])
  await write(globex, ['again'])
  expect(await kept(acme)).toEqual([
    { ...refusal(acme, 'again'), id: expect.any(Number), count: 3, firstAtMs, lastAtMs: firstAtMs + 60_000 },
  ])
  expect(await kept(globex)).toMatchObject([{ count: 1 }])
})

test('of what one client makes up, no more is counted between two writes than a bound, and no text is longer', async () => {
  await write(acme, [...numbered(0, 1000), 'one too many'])
  expect((await kept(acme)).map(({ message }) => message)).not.toContain('one too many')
  await write(acme, ['x'.repeat(10_000)])
  expect((await kept(acme)).at(-1)?.message).toBe('x'.repeat(500))
})

test('a project that is gone, and a database that is away, are no failure', async () => {
  const gone = 2_000_000_000 as ProjectId
  record.count(refusal(gone, 'of nobody'))
  await write(acme, ['of somebody'])
  expect((await kept(acme)).map(({ message }) => message)).toEqual(['of somebody'])
  expect(await kept(gone)).toEqual([])

  const away = connectDatabase('postgres://127.0.0.1:1/none', { applicationName: 'test', connectionsMax: 1 })
  const warnings: unknown[] = []
  const forgetful = createRefusalRecord(away.db, clock, {
    warn: (...given: unknown[]) => warnings.push(given),
  })
  forgetful.count(refusal(acme, 'forgotten'))
  await forgetful.stop()
  expect(warnings).toHaveLength(1)
  await away.close()
})
