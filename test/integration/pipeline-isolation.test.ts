import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { fineRequest, type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'

let server: PipelineServer
let acme: CreatedProject
let globex: CreatedProject

beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  acme = await server.project()
  globex = await server.project('Asia/Tokyo')
  await server.call(acme.apiSecret, 'create', {
    ...fineRequest,
    frequency: 'hourly',
    from_date: '2024-03-01',
  })
  await server.call(globex.apiSecret, 'create', { ...fineRequest, s3_bucket: 'globex-raw' })
})
afterAll(() => server.close())

const everything = async () => ({
  pipelines: await server.database.db.selectFrom('pipeline').selectAll().orderBy('id').execute(),
  runs: await server.database.db.selectFrom('run').selectAll().orderBy('id').execute(),
})

test('each project sees its own pipelines and no others', async () => {
  const ofAcme = await server.call(acme.apiSecret, 'jobs')
  const ofGlobex = await server.call(globex.apiSecret, 'jobs')
  expect(Object.keys(ofAcme.json)).toEqual([String(acme.projectId)])
  expect(Object.keys(ofGlobex.json)).toEqual([String(globex.projectId)])
  expect(JSON.stringify(ofAcme.json)).not.toContain('events-daily-s3-raw')
  expect(JSON.stringify(ofGlobex.json)).not.toContain('events-hourly-s3-raw')
})

test("another project's pipeline is answered word for word like one that does not exist", async () => {
  const before = await everything()
  for (const call of ['status', 'timeline', 'edit', 'pause', 'resume', 'cancel']) {
    const more = call === 'edit' ? { events: 'any' } : undefined
    const foreign = await server.call(globex.apiSecret, call, { name: 'events-hourly-s3-raw', ...more })
    const unknown = await server.call(globex.apiSecret, call, { name: 'events-weekly-s3-raw', ...more })
    expect(foreign.status).toBe(404)
    expect(foreign.json.error.replace('hourly', 'weekly')).toBe(unknown.json.error)
  }
  expect(await everything()).toEqual(before)
})

test("another project's id gives nothing, on any call", async () => {
  const before = await everything()
  const project_id = String(acme.projectId)
  const answers = [
    await server.call(globex.apiSecret, `jobs?project_id=${project_id}`),
    await server.call(globex.apiSecret, `status?project_id=${project_id}&name=events-hourly-s3-raw`),
    await server.call(globex.apiSecret, 'create', { ...fineRequest, project_id, s3_prefix: 'mine' }),
    await server.call(globex.apiSecret, 'pause', { project_id, name: 'events-hourly-s3-raw' }),
    await server.call(globex.apiSecret, 'edit', { project_id, name: 'events-hourly-s3-raw', events: 'any' }),
    await server.call(globex.apiSecret, 'resume', { project_id, name: 'events-hourly-s3-raw' }),
    await server.call(globex.apiSecret, 'cancel', { project_id, name: 'events-hourly-s3-raw' }),
  ]
  expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403, 403, 403, 403, 403])
  expect(await everything()).toEqual(before)
})

test('two projects may have pipelines of the same name, to the same bucket and prefix', async () => {
  const created = await server.call(acme.apiSecret, 'create', { ...fineRequest, s3_bucket: 'globex-raw' })
  expect(created.json).toEqual({ pipeline_names: ['events-daily-s3-raw'] })
  await server.call(acme.apiSecret, 'cancel', { name: 'events-daily-s3-raw' })
  expect((await server.call(globex.apiSecret, 'jobs')).json[globex.projectId]).toHaveLength(1)
})

test("one project's limits say nothing of another's", async () => {
  const answer = await server.call(globex.apiSecret, 'create', { ...fineRequest, s3_prefix: 'again' })
  expect(answer.status).toBe(409)
  expect(answer.json.error).not.toContain('hourly-s3-raw')
})
