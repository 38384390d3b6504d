/** `edit` tries the pipeline's destination first, as `create` does: against a sandbox, over the API. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { customerWorld, openCustomerWorld, without } from '../support/connection-lab.ts'
import { type ConnectionServer, openConnectionServer } from '../support/connection-server.ts'

const name = 'events-daily-s3-raw'

let connected: ConnectionServer
let lab: ConnectionServer['lab']
let server: ConnectionServer['server']
let tests: ConnectionServer['tests']
let acmes: CreatedProject
let strangers: CreatedProject

beforeAll(async () => {
  connected = await openConnectionServer()
  ;({ lab, server, tests } = connected)
})
afterAll(() => connected.close())
beforeEach(async () => {
  await connected.reset()
  acmes = await server.project()
  strangers = await server.project()
  await lab.change(customerWorld(acmes.token))
  expect((await create(acmes)).status).toBe(200)
})

const create: ConnectionServer['create'] = (...asked) => connected.create(...asked)
const edit = (changes: Record<string, string> = {}, project = acmes) =>
  server.call(project.apiSecret, 'edit', { name, events: 'Order paid', ...changes })
const jobOf = async ({ apiSecret, projectId }: CreatedProject) =>
  (await server.call(apiSecret, 'jobs')).json[projectId][0]

test('a destination that passes has its pipeline edited, and nothing stays in the bucket', async () => {
  const asked = await lab.control.actionsOf(async () => {
    expect(await edit()).toMatchObject({ status: 200, json: { status: 'ok' } })
  })
  expect(asked).toEqual(
    expect.arrayContaining(['AssumeRole', 'PutObject', 'GetObject', 'ListObjectsV2', 'DeleteObject']),
  )
  expect((await jobOf(acmes)).events).toEqual(['Order paid'])
  expect(await lab.bucket.list()).toEqual([])
})

test('a permission that went away refuses the edit with the statement to paste, and nothing changes', async () => {
  const spoilt = customerWorld(acmes.token)
  without(spoilt, 's3:PutObject')
  await lab.change(spoilt)
  const { status, json } = await edit()
  expect(status).toBe(422)
  expect(json.error).toContain('"Action":"s3:PutObject","Resource":"arn:aws:s3:::acme-events/raw/*"')
  expect(json.error).toContain('skip_check=true to edit')
  expect(json.connection_test.steps).toContainEqual(
    expect.objectContaining({ step: 'put', result: 'failed', code: 'S3_PUT_DENIED' }),
  )
  expect((await jobOf(acmes)).events).toBeUndefined()
})

test('skip_check=true asks nothing of AWS and edits the pipeline all the same', async () => {
  await lab.change({ ...customerWorld(acmes.token), role: { ...customerWorld().role, policies: [] } })
  const asked = await lab.control.actionsOf(async () => {
    expect((await edit({ skip_check: 'true' })).status).toBe(200)
  })
  expect(asked).toEqual([])
  expect((await jobOf(acmes)).events).toEqual(['Order paid'])
  expect((await server.call(acmes.apiSecret, 'edit', { name, skip_check: 'true' })).status).toBe(400)
})

test('what is impossible anyway is refused before anything is asked of AWS', async () => {
  expect(
    (await create(acmes, { trial: 'true', from_date: '', s3_prefix: 'trial', skip_check: 'true' })).status,
  ).toBe(200)
  const asked = await lab.control.actionsOf(async () => {
    expect((await edit({ name: 'another' })).status).toBe(404)
    expect((await edit({}, strangers)).status).toBe(404)
    expect((await edit({ where: 'a = 1' })).status).toBe(400)
    expect((await edit({ name: `trial-${name}` })).status).toBe(409)
  })
  expect(asked).toEqual([])
})

test('a role that lets in everybody by now is warned of in the answer and in jobs, until it is mended', async () => {
  await lab.change(openCustomerWorld())
  const warned = await edit()
  expect(warned.status).toBe(200)
  expect(warned.json.warnings).toEqual([expect.stringMatching(/^trust: role .* Condition.*sts:ExternalId/)])
  expect((await jobOf(acmes)).trust_warning).toEqual(warned.json.warnings[0])
  await lab.change(customerWorld(acmes.token))
  expect((await edit()).json).toEqual({ status: 'ok' })
  expect((await jobOf(acmes)).trust_warning).toBeUndefined()
})

test('a role that lets in everybody by now is refused where the operator says so', async () => {
  tests.trustMode = 'refuse'
  await lab.change(openCustomerWorld())
  const { status, json } = await edit()
  expect(status).toBe(422)
  expect(json.error).toContain(`{"StringEquals":{"sts:ExternalId":"${acmes.token}"}}`)
  expect((await jobOf(acmes)).trust_warning).toContain('sts:ExternalId')
})

test('of two projects with a role that lets in everybody by now, the one that came first may edit', async () => {
  await lab.change(customerWorld(strangers.token))
  expect((await create(strangers, { s3_prefix: 'theirs' })).status).toBe(200)
  await lab.change(openCustomerWorld())
  expect((await edit({}, strangers)).status).toBe(422)
  expect((await edit()).status).toBe(200)
})
