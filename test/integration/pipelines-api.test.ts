import fastify from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { type CreatedProject, deleteProject } from '../../src/control/projects/manage-projects.ts'
import { claimRun } from '../../src/control/runs/claim-run.ts'
import { refuseRun, succeedRun } from '../../src/control/runs/finish-run.ts'
import { pipelineRoutes } from '../../src/http/pipelines/pipeline-routes.ts'
import type { RunId } from '../../src/ids.ts'
import {
  base,
  basic,
  everyTestPasses,
  fineRequest,
  type PipelineServer,
  principalArn,
  startPipelineServer,
} from '../support/pipeline-server.ts'
import { silentLog } from '../support/silent-log.ts'

const startMs = Date.parse('2024-03-01T20:00:00Z')

let server: PipelineServer
let project: CreatedProject

beforeAll(async () => {
  server = await startPipelineServer(startMs)
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.project('US/Pacific')
  server.nudged.length = 0
  server.clock.ms = startMs
})

const call = (name: string, form?: Record<string, string | string[]>) =>
  server.call(project.apiSecret, name, form)

const create = (changes: Record<string, string | string[]> = {}) =>
  call('create', { ...fineRequest, ...changes })

const rowOf = (name: string) =>
  server.database.db
    .selectFrom('pipeline')
    .selectAll()
    .where('project_id', '=', project.projectId)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()

test("the reference's request makes a pipeline and a run for every day that is over", async () => {
  const answer = await create()
  expect(answer).toMatchObject({ status: 200, json: { pipeline_names: ['events-daily-s3-raw'] } })
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({
    frequency: 'daily',
    from_date: '2024-02-20',
    to_date: null,
    events: null,
    s3_bucket: 'example-s3-export',
    s3_region: 'us-west-2',
    s3_prefix: 'test',
    s3_role: 'arn:aws:iam::222222222222:role/example-s3-role',
    s3_encryption: 'aes',
    s3_kms_key_id: null,
    next_due_at: new Date('2024-03-02T08:30:00Z'),
  })
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json.pending.map((run: { from_date: string }) => run.from_date.slice(0, 10))).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `2024-02-${20 + index}`),
  ])
  expect(server.nudged).toHaveLength(10)
})

test('a JSON body says the same, with lists, numbers and truth values', async () => {
  const response = await server.app.inject({
    method: 'POST',
    url: `${base}/create/`,
    headers: { authorization: basic(`${project.apiSecret}:`) },
    payload: {
      ...fineRequest,
      project_id: project.projectId,
      trial: false,
      events: ['Sign up', 'Sign up', 'Pay, later'],
      to_date: null,
      s3_kms_key_id: '',
      s3_prefix: 'test/',
    },
  })
  expect(response.statusCode).toBe(200)
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({
    events: ['Sign up', 'Pay, later'],
    s3_prefix: 'test',
    to_date: null,
  })
})

test('repeated keys of a form make a list, empty values count as absent', async () => {
  await create({ events: ['a', '', 'b'], to_date: '', frequency: '', s3_prefix: '', s3_encryption: '' })
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({
    events: ['a', 'b'],
    s3_prefix: null,
    s3_encryption: 'none',
  })
})

test('credentials in plain text after Basic are taken, as Mixpanel takes them', async () => {
  const headers = { authorization: `Basic ${project.apiSecret}:` }
  const response = await server.app.inject({ method: 'GET', url: `${base}/jobs`, headers })
  expect(response.json()).toEqual({ [project.projectId]: [] })
})

test('an hourly pipeline has a folder for every hour that is over by half an hour', async () => {
  expect(await create({ frequency: 'hourly', from_date: '2024-03-01' })).toMatchObject({
    json: { pipeline_names: ['events-hourly-s3-raw'] },
  })
  // 20:00 UTC is noon: the hours up to 10:00-11:00 are due, 11:00-12:00 is at 12:30.
  const { json } = await call('status?name=events-hourly-s3-raw')
  expect(json.pending.at(0)).toMatchObject({
    from_date: '2024-03-01T00:00:00-08:00',
    run_at: '2024-03-01T01:30:00-08:00',
  })
  expect(json.pending.at(-1)).toMatchObject({ from_date: '2024-03-01T10:00:00-08:00' })
})

test('names get a suffix where they are taken, and a canceled pipeline gives its name back', async () => {
  const dated = { from_date: '2024-02-01', to_date: '2024-02-02', s3_prefix: 'dated' }
  await create()
  expect((await create(dated)).json.pipeline_names).toEqual(['events-daily-s3-raw-2'])
  expect((await call('cancel', { name: 'events-daily-s3-raw' })).json).toEqual({ status: 'ok' })
  expect((await call('status?name=events-daily-s3-raw')).status).toBe(404)
  expect((await create()).json.pipeline_names).toEqual(['events-daily-s3-raw'])
})

test('limits and taken folders answer 409 and make nothing', async () => {
  await create()
  expect(await create({ s3_prefix: 'other' })).toMatchObject({ status: 409, json: { status: 'error' } })
  const hourly = await create({ frequency: 'hourly' })
  expect(hourly.status).toBe(409)
  expect(hourly.json.error).toContain('s3_bucket and s3_prefix are those of events-daily-s3-raw')
  expect((await call('jobs')).json[project.projectId]).toHaveLength(1)
})

test('of many creates at once, the limits let one through', async () => {
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => create({ s3_prefix: `prefix-${index}` })),
  )
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409])
})

test('jobs shows each pipeline as the reference does, backfilling until its backfill is done', async () => {
  await create({ from_date: '2024-02-29' })
  const entry = {
    name: 'events-daily-s3-raw',
    Dispatcher: 'backfill',
    last_dispatched: '2024-03-01 12:00:00 US/Pacific',
    frequency: 'daily',
    sync_enabled: 'true',
    state: 'active',
  }
  const none = { folders_done: 0, folders_to_do: 1, folders_failed: 0, events_done: 0, bytes_done: 0 }
  expect((await call(`jobs?project_id=${project.projectId}`)).json).toEqual({
    [project.projectId]: [{ ...entry, progress: none }],
  })
  await succeed(server.nudged[0]?.runId as RunId)
  const progress = { ...none, folders_done: 1, folders_to_do: 0, events_done: 20, bytes_done: 300 }
  expect((await call('jobs', {})).json).toMatchObject({
    [project.projectId]: [{ ...entry, Dispatcher: 'live', progress }],
  })
})

test('a pipeline whose days are all to come has dispatched nothing yet', async () => {
  await create({ from_date: '2024-04-01' })
  const [job] = (await call('jobs')).json[project.projectId]
  expect(job).toMatchObject({ Dispatcher: 'live', last_dispatched: '0000-12-31 16:00:00 US/Pacific' })
  expect((await call('status?name=events-daily-s3-raw')).json).toEqual({})
})

test('status shows runs by state, with times in the zone, and says when one never finished', async () => {
  await create({ from_date: '2024-02-28' })
  const [first, second] = server.nudged.map((nudge) => nudge.runId)
  await succeed(first as RunId)
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json).toEqual({
    succeeded: [
      {
        project_id: project.projectId,
        name: 'events-daily-s3-raw',
        state: 'succeeded',
        last_finish: '2024-03-01T12:00:00-08:00',
        run_at: '2024-02-29T00:30:00-08:00',
        from_date: '2024-02-28T00:00:00-08:00',
        to_date: '2024-02-28T00:00:00-08:00',
        kind: 'export',
        attempts: 1,
        files: 1,
        events: 20,
        bytes: 300,
        progress: { events_done: 20, bytes_done: 300, events_to_do: 0, bytes_to_do: 0 },
      },
    ],
    pending: [
      expect.objectContaining({
        last_finish: '0000-12-31T16:00:00-08:00',
        from_date: '2024-02-29T00:00:00-08:00',
      }),
    ],
  })
  expect(second).toBeDefined()
})

test('status filters by state, repeatedly, and counts with summary=true', async () => {
  await create({ from_date: '2024-02-27' })
  await succeed(server.nudged[0]?.runId as RunId)
  const name = 'name=events-daily-s3-raw'
  expect(Object.keys((await call(`status?${name}&status=succeeded`)).json)).toEqual(['succeeded'])
  expect((await call(`status?${name}&status=failed&status=running`)).json).toEqual({})
  expect((await call(`status?${name}&summary=true`)).json).toEqual({ pending: 2, succeeded: 1 })
  expect((await call(`status?${name}&summary=true&status=pending`)).json).toEqual({ pending: 2 })
  expect(
    (await call('status', { name: 'events-daily-s3-raw', status: ['pending', 'failed'] })).json,
  ).toHaveProperty('pending')
})

test('a refused run shows cause and fix, and a pipeline paused by refusals says why wherever it is shown', async () => {
  await create({ from_date: '2024-02-28' })
  const hold = await claim(server.nudged[0]?.runId as RunId)
  const error = { code: 'S3_ACCESS_DENIED', message: 'the role may not s3:PutObject; add that statement' }
  await refuseRun(server.database.db, hold, { error, refusalsMax: 1, nowMs: startMs })
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json.failed).toMatchObject([{ error }])
  expect(json.pending[0].held).toContain(error.message)
  const [job] = (await call('jobs')).json[project.projectId]
  expect(job).toMatchObject({ state: 'paused' })
  expect(job.pause_reason).toContain(error.message)
})

test('a failed run of a pipeline that goes on is seen in jobs too, until it gets through', async () => {
  await create({ from_date: '2024-02-28' })
  const lastError = async () => (await call('jobs')).json[project.projectId][0].last_error
  expect(await lastError()).toBeUndefined()
  const error = { code: 'S3_PUT_DENIED', message: 'the role may not s3:PutObject; add that statement' }
  const runId = server.nudged[0]?.runId as RunId
  await refuseRun(server.database.db, await claim(runId), { error, refusalsMax: 3, nowMs: startMs })
  expect(await lastError()).toEqual(error)
  await call('resume', { name: 'events-daily-s3-raw' })
  expect(await lastError()).toBeUndefined()
})

test('pause and resume answer alike however often they come, and an unknown name is 404', async () => {
  await create()
  for (const name of ['pause', 'pause', 'resume', 'resume']) {
    expect(await call(name, { name: 'events-daily-s3-raw' })).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    })
  }
  for (const name of ['pause', 'resume', 'cancel', 'status']) {
    const answer = await call(name, { name: 'events-daily-s3-raw-9' })
    expect(answer).toMatchObject({ status: 404, json: { status: 'error' } })
  }
})

test('a failed run goes on with resume', async () => {
  await create({ from_date: '2024-02-29' })
  const runId = server.nudged[0]?.runId as RunId
  const error = { code: 'S3_NO_SUCH_BUCKET', message: 'there is no such bucket' }
  await refuseRun(server.database.db, await claim(runId), { error, refusalsMax: 1, nowMs: startMs })
  await call('resume', { name: 'events-daily-s3-raw' })
  const { json } = await call('status?name=events-daily-s3-raw')
  expect(json.pending).toHaveLength(1)
  expect(json.pending[0]).not.toHaveProperty('error')
  expect(server.nudged.at(-1)?.runId).toBe(runId)
})

test('where is kept as it was written, and jobs shows the selection', async () => {
  const where = ' properties["plan"] == "company" '
  expect((await create({ where, events: ['a', 'b'] })).json).toEqual({
    pipeline_names: ['events-daily-s3-raw'],
  })
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({ events: ['a', 'b'], where_expression: where })
  const [job] = (await call('jobs')).json[project.projectId]
  expect(job).toMatchObject({ events: ['a', 'b'], where })
})

test('parts of where that are the same for every event are pointed out, and the pipeline is made', async () => {
  const where = 'properties["a"] == 1 or properties["b"] > "5"'
  const { status, json } = await create({ where })
  expect(status).toBe(200)
  expect(json.warnings).toEqual([
    expect.stringContaining('where at column 41: > between a property and a text is always undefined'),
  ])
})

test('edit changes events and where, each alone, and an empty value takes one away', async () => {
  await create({ events: ['a'], where: 'properties["a"] == 1' })
  const name = 'events-daily-s3-raw'
  const steps: [Record<string, string | string[]>, object][] = [
    [{ events: ['b', 'c'] }, { events: ['b', 'c'], where_expression: 'properties["a"] == 1' }],
    [{ where: 'properties["a"] == 2' }, { events: ['b', 'c'], where_expression: 'properties["a"] == 2' }],
    [{ events: '' }, { events: null, where_expression: 'properties["a"] == 2' }],
    [
      { events: 'd', where: '' },
      { events: ['d'], where_expression: null },
    ],
  ]
  for (const [changes, expected] of steps) {
    expect(await call('edit', { name, ...changes })).toMatchObject({ status: 200, json: { status: 'ok' } })
    expect(await rowOf(name)).toMatchObject(expected)
  }
  const warned = await call('edit', { name, where: 'true or properties["b"] > "5"' })
  expect(warned.json.warnings).toHaveLength(1)
})

test('edit by JSON: null and an empty list take a filter away', async () => {
  await create({ events: ['a'], where: 'properties["a"] == 1' })
  const response = await server.app.inject({
    method: 'POST',
    url: `${base}/edit`,
    headers: { authorization: basic(`${project.apiSecret}:`) },
    payload: { name: 'events-daily-s3-raw', events: [], where: null },
  })
  expect(response.json()).toEqual({ status: 'ok' })
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({ events: null, where_expression: null })
})

test('edit refuses what create refuses, what changes nothing, and names that are none', async () => {
  await create({ where: 'properties["a"] == 1' })
  const name = 'events-daily-s3-raw'
  const refused: [Record<string, string>, number, string][] = [
    [{ name }, 400, 'give one of them'],
    [{ name, where: 'plan == 1' }, 400, 'at column 1'],
    [{ name, evnets: 'a' }, 400, 'did you mean events?'],
    [{ name, s3_bucket: 'another' }, 400, 'is not a parameter of this call'],
    [{ name: 'another', events: 'a' }, 404, 'another'],
  ]
  for (const [parameters, status, sentence] of refused) {
    const answer = await call('edit', parameters)
    expect(answer.json.error).toContain(sentence)
    expect(answer.status).toBe(status)
  }
  expect(await rowOf(name)).toMatchObject({ events: null, where_expression: 'properties["a"] == 1' })
})

test('a trial has one day of backfill and thirty days more, beside the other pipelines', async () => {
  await create({ from_date: '2024-02-29', to_date: '2024-02-29', s3_prefix: 'dated' })
  const { trial, from_date: _, ...destination } = { ...fineRequest, trial: 'true', s3_prefix: 'trial' }
  expect(await call('create', { trial, ...destination })).toMatchObject({
    status: 200,
    json: { pipeline_names: ['trial-events-daily-s3-raw'] },
  })
  expect(await rowOf('trial-events-daily-s3-raw')).toMatchObject({
    trial: true,
    frequency: 'daily',
    from_date: '2024-02-29',
    to_date: '2024-03-30',
  })
  expect((await create({ s3_prefix: 'other' })).status).toBe(200)
  const jobs = (await call('jobs')).json[project.projectId]
  expect(jobs.map((job: { trial?: boolean }) => job.trial)).toEqual([undefined, true, undefined])
  const again = await call('create', { trial, ...destination, s3_prefix: 'again' })
  expect(again).toMatchObject({ status: 409 })
  expect(again.json.error).toContain('1 of 1 trial pipelines')
})

test('a trial can be paused and resumed, but neither edited nor canceled; it ends with its project', async () => {
  const name = 'trial-events-daily-s3-raw'
  await create({ trial: 'true', from_date: '' })
  for (const change of ['pause', 'resume']) expect((await call(change, { name })).status).toBe(200)
  const canceled = await call('cancel', { name })
  expect(canceled).toMatchObject({
    status: 409,
    json: { error: expect.stringContaining("can't be canceled") },
  })
  expect((await call('edit', { name, events: 'a' })).status).toBe(409)
  expect(await rowOf(name)).toMatchObject({ state: 'active', events: null })
  await deleteProject(server.database.db, project.projectId)
  await expect(rowOf(name)).rejects.toThrow('no result')
})

test.each<[changes: Record<string, string>, sync: boolean]>([
  [{}, true],
  [{ sync: 'true' }, true],
  [{ sync: 'false' }, false],
])('a pipeline created with %j: late events reach its folders: %j', async (changes, sync) => {
  expect((await create(changes)).status).toBe(200)
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({ sync })
  expect((await call('jobs')).json[project.projectId]).toMatchObject([{ sync_enabled: String(sync) }])
})

test('while the database is away, the answer is 503 and says to try again', async () => {
  const away = connectDatabase('postgres://127.0.0.1:1/none', { applicationName: 'test', connectionsMax: 1 })
  const app = fastify()
  await app.register(
    pipelineRoutes({
      db: away.db,
      jobs: { enqueue: async () => {} },
      clock: server.clock,
      log: silentLog,
      principalArn: async () => principalArn,
      projects: {
        bySecret: async () => ({ id: project.projectId, token: project.token, timeZone: 'UTC' }),
        byToken: async () => undefined,
      },
      accounts: { byCredentials: async () => undefined },
      limits: { backfillMonthsMax: 6, recurringMax: 2, datedMax: 1 },
      destinationTests: everyTestPasses,
    }),
  )
  const response = await app.inject({ method: 'GET', url: '/jobs', headers: { authorization: 'Basic any:' } })
  expect(response.statusCode).toBe(503)
  expect(response.headers['retry-after']).toBe('5')
  expect(response.json()).toEqual({ error: expect.stringContaining('try again'), status: 'error' })
  await app.close()
  await away.close()
})

test('a secret never comes back in an answer', async () => {
  const answers = [
    await call('create', { ...fineRequest, secret: project.apiSecret }),
    await server.call(`${project.apiSecret}x`, 'jobs'),
    await call('jobs'),
  ]
  for (const answer of answers) expect(JSON.stringify(answer)).not.toContain(project.apiSecret)
})

async function claim(runId: RunId) {
  const hold = await claimRun(server.database.db, { runId, workerId: 'w', leaseMs: 1000, nowMs: startMs })
  if (hold === undefined) throw new Error('not claimed')
  return hold
}

async function succeed(runId: RunId): Promise<void> {
  const result = { files: 1, events: 20, bytes: 300, nowMs: startMs }
  expect(await succeedRun(server.database.db, await claim(runId), result)).toBe(true)
}
