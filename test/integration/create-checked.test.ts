/** `create` tries the destination first, and `test` tries one by itself: against a sandbox, over the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CreatedProject } from '../../src/control/projects/manage-projects.ts'
import { connectionTarget, customerWorld, openCustomerWorld, without } from '../support/connection-lab.ts'
import { type ConnectionServer, openConnectionServer } from '../support/connection-server.ts'
import { acme } from '../support/sandbox-world.ts'

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
  await lab.change(world())
})

/** Acme's account, which lets in acme's project. */
const world = () => customerWorld(acmes.token)

const destination = { ...connectionTarget, s3_encryption: 'aes' }
const create: ConnectionServer['create'] = (...asked) => connected.create(...asked)
const pipelines = async ({ apiSecret, projectId }: CreatedProject) =>
  (await server.call(apiSecret, 'jobs')).json[projectId]

test('a destination that passes gets its pipeline, and nothing stays in the bucket', async () => {
  expect(await create(acmes)).toMatchObject({
    status: 200,
    json: { pipeline_names: ['events-daily-s3-raw'] },
  })
  expect(await lab.bucket.list()).toEqual([])
})

test('a missing permission is refused with the statement to paste, and no pipeline is made', async () => {
  const spoilt = world()
  without(spoilt, 's3:GetObject')
  await lab.change(spoilt)
  const { status, json } = await create(acmes)
  expect(status).toBe(422)
  expect(json.error).toMatch(/^the connection test of the destination failed\. read: s3:GetObject on bucket/)
  expect(json.error).toContain('"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-events/raw/*"')
  expect(json.error).toContain('skip_check=true')
  expect(json.connection_test.steps).toContainEqual(
    expect.objectContaining({ step: 'read', result: 'failed', code: 'S3_GET_DENIED' }),
  )
  expect(await pipelines(acmes)).toEqual([])
})

test('skip_check=true asks nothing of AWS and makes the pipeline as it is', async () => {
  const spoilt = world()
  without(spoilt, 's3:PutObject')
  await lab.change(spoilt)
  const asked = await lab.control.actionsOf(async () => {
    expect((await create(acmes, { skip_check: 'true' })).status).toBe(200)
  })
  expect(asked).toEqual([])
  expect((await create(acmes, { skip_check: 'perhaps' })).json.error).toContain('must be one of true, false')
})

test('what is impossible anyway is refused before anything is asked of AWS', async () => {
  expect((await create(acmes)).status).toBe(200)
  const asked = await lab.control.actionsOf(async () => {
    expect((await create(acmes)).status).toBe(409)
    expect((await create(strangers, { from_date: '2019-01-01' })).status).toBe(400)
  })
  expect(asked).toEqual([])
})

test("the operator's fault is none of the customer's: 503, to be tried again", async () => {
  await lab.control.fault({ action: 'GetCallerIdentity', status: 403, code: 'InvalidClientTokenId' })
  const { status, json, headers } = await create(acmes)
  expect(status).toBe(503)
  expect(headers).toHaveProperty('retry-after')
  expect(json.error).toContain('own identity: ')
})

describe('a role whose ARN somebody else knows', () => {
  test("can't be used with another project's token", async () => {
    expect((await create(acmes)).status).toBe(200)
    const { status, json } = await create(strangers, { s3_prefix: 'stolen' })
    expect(status).toBe(422)
    expect(json.connection_test.steps).toContainEqual(
      expect.objectContaining({ step: 'assume role', result: 'failed', code: 'STS_ROLE_DENIED' }),
    )
    expect(await lab.bucket.list()).toEqual([])
  })

  test('is refused to a second project where it lets in everybody, also with skip_check and where that is only warned of', async () => {
    await lab.change(openCustomerWorld())
    const first = await create(acmes)
    expect(first.status).toBe(200)
    expect(first.json.warnings).toEqual([expect.stringMatching(/^trust: role .* Condition.*sts:ExternalId/)])
    for (const skip_check of ['false', 'true']) {
      const { status, json } = await create(strangers, { s3_prefix: 'stolen', skip_check })
      expect(status).toBe(422)
      expect(json.error).toContain(`{"StringEquals":{"sts:ExternalId":"${strangers.token}"}}`)
      expect(JSON.stringify(json)).not.toContain(acmes.token)
    }
    expect(await pipelines(strangers)).toEqual([])
  })
})

test.each(['false', 'true'])(
  'of two projects that create with one open role at once, one gets it: skip_check=%s',
  async (skip_check) => {
    await lab.change(openCustomerWorld())
    const both = await Promise.all([
      create(acmes, { skip_check }),
      create(strangers, { s3_prefix: 'stolen', skip_check }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
  },
)

test('PENSTOCK_TRUST_CHECK=refuse refuses a role that lets in everybody, also with skip_check', async () => {
  tests.trustMode = 'refuse'
  await lab.change(openCustomerWorld())
  for (const skip_check of ['false', 'true']) {
    const { status, json } = await create(acmes, { skip_check })
    expect(status).toBe(422)
    expect(json.error).toContain(`{"StringEquals":{"sts:ExternalId":"${acmes.token}"}}`)
  }
  await lab.change(world())
  expect((await create(acmes, { skip_check: 'true' })).status).toBe(200)
})

test('`test` tells every step of a destination, and makes nothing', async () => {
  const call = (form: Record<string, string>) => server.call(acmes.apiSecret, 'test', form)
  expect((await call(destination)).json).toMatchObject({ ok: true })
  const { status, json } = await call({ ...destination, s3_region: 'eu-west-1' })
  expect(status).toBe(200)
  expect(json.ok).toBe(false)
  expect(json.steps).toContainEqual(
    expect.objectContaining({ step: 'region', code: 'S3_BUCKET_REGION_MISMATCH' }),
  )
  expect((await call({ ...destination, s3_kms_key_id: acme.kmsKey })).status).toBe(400)
  expect(await pipelines(acmes)).toEqual([])
})
