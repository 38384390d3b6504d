import { expect, test } from 'vitest'
import { base, basic, fineRequest } from '../support/pipeline-server.ts'
import { pipelinesStage } from '../support/pipelines-stage.ts'

const stage = pipelinesStage()
const { call, create, rowOf } = stage

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
  expect(stage.server.nudged).toHaveLength(10)
})

test('a JSON body says the same, with lists, numbers and truth values', async () => {
  const response = await stage.server.app.inject({
    method: 'POST',
    url: `${base}/create/`,
    headers: { authorization: basic(`${stage.project.apiSecret}:`) },
    payload: {
      ...fineRequest,
      project_id: stage.project.projectId,
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
  const headers = { authorization: `Basic ${stage.project.apiSecret}:` }
  const response = await stage.server.app.inject({ method: 'GET', url: `${base}/jobs`, headers })
  expect(response.json()).toEqual({ [stage.project.projectId]: [] })
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
  expect((await call('jobs')).json[stage.project.projectId]).toHaveLength(1)
})

test('of many creates at once, the limits let one through', async () => {
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => create({ s3_prefix: `prefix-${index}` })),
  )
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409])
})

test('where is kept as it was written, and jobs shows the selection', async () => {
  const where = ' properties["plan"] == "company" '
  expect((await create({ where, events: ['a', 'b'] })).json).toEqual({
    pipeline_names: ['events-daily-s3-raw'],
  })
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({ events: ['a', 'b'], where_expression: where })
  const [job] = (await call('jobs')).json[stage.project.projectId]
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

test.each<[changes: Record<string, string>, sync: boolean]>([
  [{}, true],
  [{ sync: 'true' }, true],
  [{ sync: 'false' }, false],
])('a pipeline created with %j: late events reach its folders: %j', async (changes, sync) => {
  expect((await create(changes)).status).toBe(200)
  expect(await rowOf('events-daily-s3-raw')).toMatchObject({ sync })
  expect((await call('jobs')).json[stage.project.projectId]).toMatchObject([{ sync_enabled: String(sync) }])
})

test('a secret never comes back in an answer', async () => {
  const answers = [
    await call('create', { ...fineRequest, secret: stage.project.apiSecret }),
    await stage.server.call(`${stage.project.apiSecret}x`, 'jobs'),
    await call('jobs'),
  ]
  for (const answer of answers) expect(JSON.stringify(answer)).not.toContain(stage.project.apiSecret)
})
