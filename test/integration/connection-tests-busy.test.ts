/** More connection tests than may be under way at once are answered with 429, whichever call they come by. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { boundTests } from '../../src/workflows/connection-test/bound-tests.ts'
import { createMemoryTurns } from '../support/memory-turns.ts'
import {
  everyTestPasses,
  fineRequest,
  type PipelineServer,
  startPipelineServer,
} from '../support/pipeline-server.ts'

let server: PipelineServer
let acmes: CreatedProject
let others: CreatedProject
/** Lets the tests end that are under way. */
const ends: (() => void)[] = []
let begun = () => {}

beforeAll(async () => {
  const held = boundTests(
    {
      ...everyTestPasses,
      whole: () =>
        new Promise((resolve) => {
          ends.push(() => resolve({ ok: true, retryable: false, steps: [] }))
          begun()
        }),
    },
    { turns: createMemoryTurns(1), inAllMax: 2 },
  )
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'), {}, held)
  acmes = await server.project()
  others = await server.project()
})
afterAll(() => server.close())
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

const { s3_bucket, s3_region, s3_role } = fineRequest
const destination = { s3_bucket, s3_region, s3_role }
const testOne = ({ apiSecret }: CreatedProject) => server.call(apiSecret, 'test', destination)

/** Answers once the test of a project is under way, with the promise of its answer in an object. */
async function startTest(project: CreatedProject) {
  const started = new Promise<void>((resolve) => {
    begun = resolve
  })
  const answer = testOne(project)
  await started
  return { answer }
}

const busy = {
  status: 429,
  headers: { 'retry-after': '5' },
  json: { status: 'error', error: expect.stringContaining('as many connection tests are under way') },
}

test('`test`, `create` and `edit` of a project that has as many as it may answer 429 and when to come back', async () => {
  const name = 'events-daily-s3-raw'
  const made = await server.call(acmes.apiSecret, 'create', { ...fineRequest, skip_check: 'true' })
  expect(made.status).toBe(200)
  const { answer } = await startTest(acmes)
  expect(await testOne(acmes)).toMatchObject(busy)
  const hourly = { ...fineRequest, frequency: 'hourly', s3_prefix: 'hourly' }
  expect(await server.call(acmes.apiSecret, 'create', hourly)).toMatchObject(busy)
  expect(await server.call(acmes.apiSecret, 'edit', { name, events: 'a' })).toMatchObject(busy)
  const [job, ...more] = (await server.call(acmes.apiSecret, 'jobs')).json[acmes.projectId]
  expect([job.name, job.events, more]).toEqual([name, undefined, []])
  ends[0]?.()
  expect((await answer).status).toBe(200)
})

test("one project's tests keep no other from its own, until as many are under way as may be in all", async () => {
  const first = await startTest(acmes)
  const second = await startTest(others)
  const third = await server.project()
  expect(await testOne(third)).toMatchObject(busy)
  ends[0]?.()
  expect((await first.answer).status).toBe(200)
  const again = await startTest(third)
  for (const end of ends) end()
  expect((await Promise.all([second.answer, again.answer])).map(({ status }) => status)).toEqual([200, 200])
})
