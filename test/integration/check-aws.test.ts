/** `penstock check aws`, as an operator runs it beside a customer who sets their account up. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type ConnectionLab,
  customerWorld,
  openConnectionLab,
  prefix,
  without,
} from '../support/connection-lab.ts'
import { penstock } from '../support/penstock-process.ts'
import { type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'
import { acme, exporter } from '../support/sandbox-world.ts'

let lab: ConnectionLab
let server: PipelineServer
let project: Awaited<ReturnType<PipelineServer['project']>>
beforeAll(async () => {
  lab = await openConnectionLab()
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  project = await server.project()
})
afterAll(async () => {
  await server.close()
  await lab.close()
})

const world = () => {
  const made = customerWorld()
  for (const statement of made.role.trust_policy.Statement)
    statement.Condition = { StringEquals: { 'sts:ExternalId': project.token } }
  return made
}

async function checkAws(...args: string[]) {
  const env = {
    PENSTOCK_DATABASE_URL: server.database.url,
    PENSTOCK_S3_PATH_STYLE: 'true',
    AWS_ENDPOINT_URL: lab.url,
    AWS_ACCESS_KEY_ID: exporter.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
  }
  const project_id = String(project.projectId)
  return await penstock(
    ['check', 'aws', '--project', project_id, '--region', acme.region, '--prefix', `${prefix}/`, ...args],
    env,
  )
}

const acmeArgs = ['--bucket', acme.bucket, '--role', customerWorld().role.arn]
const keyArgs = ['--encryption', 'kms', '--kms-key-id', acme.kmsKey]

test('says of each step that it passes', async () => {
  await lab.change(world())
  const { code, stdout, stderr } = await checkAws(...acmeArgs, ...keyArgs)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toContain('passed     put')
  expect(stdout).toContain(`Penstock is ${exporter.arn}`)
  expect(stdout).toContain('Nothing was left in the bucket.')
})

test('names what is missing with the statement to paste, for people and as JSON', async () => {
  const spoilt = world()
  without(spoilt, 's3:GetObject')
  await lab.change(spoilt)
  const said = await checkAws(...acmeArgs)
  expect(said.code).toBe(1)
  expect(said.stdout).toContain('failed     read')
  expect(said.stdout).toContain('"Action": "s3:GetObject"')
  const { code, stdout } = await checkAws(...acmeArgs, '--json')
  expect(code).toBe(1)
  const { ok, steps } = JSON.parse(stdout)
  expect(ok).toBe(false)
  expect(steps.filter(({ result }: { result: string }) => result === 'failed')).toMatchObject([
    {
      step: 'read',
      code: 'S3_GET_DENIED',
      repairs: [{ policy: 'role', json: { Effect: 'Allow', Action: 's3:GetObject' } }],
    },
  ])
})

test.each([
  [['--bucket', acme.bucket, '--role', 'nobody'], 'must be the ARN of an IAM role'],
  [['--bucket', acme.bucket, '--role', 'arn:aws-cn:iam::222222222222:role/x'], 'must begin with arn:aws:'],
  [[...acmeArgs, '--kms-key-id', acme.kmsKey], 'goes only with --encryption kms'],
])('%j is misuse, and says what is allowed', async (args, allowed) => {
  const { code, stderr } = await checkAws(...args)
  expect(code).toBe(2)
  expect(stderr).toContain(allowed)
})
