/** docs/guides/aws.md: its commands do what it says, and each failure reads as it shows. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type Asked,
  type ConnectionLab,
  type CustomerWorld,
  customerWorld,
  openConnectionLab,
  without,
} from '../support/connection-lab.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Env, penstockJson, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { acme, exporter } from '../support/sandbox-world.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const role = 'arn:aws:iam::222222222222:role/penstock-export'

let guide: string
let lab: ConnectionLab
beforeAll(async () => {
  guide = await readFile(join(root, 'docs/guides/aws.md'), 'utf8')
  lab = await openConnectionLab()
})
afterAll(() => lab.close())

describe('the commands', () => {
  let folder: string
  let database: TestDatabase
  let env: Env
  let server: RunningPenstock
  let project: { project_id: number; token: string; api_secret: string }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'penstock-aws-guide-'))
    database = await createTestDatabase()
    env = {
      PENSTOCK_DATABASE_URL: database.url,
      PENSTOCK_DATA_DIR: join(folder, 'data'),
      PENSTOCK_S3_PATH_STYLE: 'true',
      AWS_ENDPOINT_URL: lab.url,
      AWS_ACCESS_KEY_ID: exporter.accessKeyId,
      AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
    }
    project = await penstockJson(['project', 'create', '--name', 'acme'], env)
    server = await startPenstock(env)
  })
  afterAll(async () => {
    await server?.kill('SIGTERM')
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  })

  test('lead from a bucket to the first file', async () => {
    const blocks = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block)
    expect(blocks).toHaveLength(6)
    const [variables = '', print = '', cloudFormation = '', terraform = '', check = '', create = ''] = blocks
    const printed = await shell(`${variables}${print}${cloudFormation}${terraform}`)
    expect(printed).toContain('sts:ExternalId')
    expect(printed).toContain('aws cloudformation deploy --stack-name penstock-export')
    expect(printed).toContain('terraform apply')

    await makeRole(JSON.parse(await readFile(join(folder, 'penstock-role.json'), 'utf8')))
    expect(await readFile(join(folder, 'penstock-role.tf'), 'utf8')).toContain('aws_iam_role')
    expect(await shell(`${variables}${check}`)).toContain('Exports can go there.')

    const created = await shell(`${variables}ROLE=${role}\n${create}`)
    expect(JSON.parse(created)).toEqual({ pipeline_names: ['events-daily-s3-raw'] })
    const keys = async () => (await lab.bucket.list()).map(({ key }) => key)
    await expect
      .poll(keys, { timeout: 60_000 })
      .toContainEqual(expect.stringMatching(/^raw\/1\/\d{4}\/\d\d\/\d\d\/full_day\/complete$/))
  }, 120_000)

  /** As bash runs it where neither `aws` nor `terraform` can be had. */
  async function shell(script: string): Promise<string> {
    const fromDate = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
    const prelude = [
      'set -euo pipefail',
      `penstock() { ${root}/bin/penstock "$@"; }`,
      'aws() { echo "aws $*"; }',
      'terraform() { echo "terraform $*"; }',
      'curl() { command curl -s "$@"; }',
      `URL=${server.url} API_SECRET=${project.api_secret} FROM_DATE=${fromDate}`,
    ]
    const options = { cwd: folder, env: { PATH: process.env.PATH ?? '', HOME: folder, ...env } }
    return (await run('bash', ['-c', [...prelude, script].join('\n')], options)).stdout
  }

  /** What CloudFormation does with the template. */
  async function makeRole(template: { Resources: { PenstockExportRole: { Properties: RoleProperties } } }) {
    const { AssumeRolePolicyDocument, Policies } = template.Resources.PenstockExportRole.Properties
    const world = customerWorld()
    world.role = {
      arn: role,
      trust_policy: AssumeRolePolicyDocument,
      policies: Policies.map(({ PolicyDocument }) => PolicyDocument),
    }
    await lab.change(world)
  }
})

interface RoleProperties {
  AssumeRolePolicyDocument: CustomerWorld['role']['trust_policy']
  Policies: { PolicyDocument: CustomerWorld['role']['policies'][number] }[]
}

describe('a failed step', () => {
  afterEach(async () => {
    await lab.control.clearFaults()
    await lab.change(customerWorld())
  })

  const withKey: Asked = { encryption: 'kms', kmsKeyId: acme.kmsKey }
  const lacks = (action: string) => (world: CustomerWorld) => without(world, action)
  const causes: Record<string, [spoil: (world: CustomerWorld) => void, asked?: Asked]> = {
    OWN_CREDENTIALS_INVALID: [() => {}],
    STS_ROLE_DENIED: [() => {}, { externalId: 'f'.repeat(32) }],
    STS_SESSION_POLICY_REFUSED: [() => {}],
    STS_ROLE_OPEN: [
      ({ role: { trust_policy: trust } }) => delete trust.Statement[0]?.Condition,
      { trust: 'refuse' },
    ],
    S3_BUCKET_REGION_MISMATCH: [({ bucket }) => Object.assign(bucket, { region: 'eu-west-1' })],
    S3_BUCKET_NOT_FOUND: [({ bucket }) => Object.assign(bucket, { name: 'acme-other' })],
    S3_BUCKET_OWNER_MISMATCH: [
      ({ bucket }) => {
        const Statement = [
          { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${acme.bucket}` },
        ]
        Object.assign(bucket, { account: '333333333333', policy: { Statement } })
      },
    ],
    S3_PUT_DENIED: [lacks('s3:PutObject')],
    S3_GET_DENIED: [lacks('s3:GetObject')],
    S3_LIST_DENIED: [lacks('s3:ListBucket')],
    S3_DELETE_DENIED: [lacks('s3:DeleteObject')],
    KMS_ACCESS_DENIED: [lacks('kms:Decrypt'), withKey],
    KMS_GRANT_INCOMPLETE: [lacks('kms:DescribeKey'), withKey],
    KMS_KEY_DISABLED: [({ key }) => Object.assign(key, { enabled: false }), withKey],
    KMS_KEY_STATE_INVALID: [({ key }) => Object.assign(key, { pending_deletion: true }), withKey],
    KMS_KEY_NOT_FOUND: [
      () => {},
      { encryption: 'kms', kmsKeyId: acme.kmsKey.replace('11111111', '99999999') },
    ],
  }

  test.each(Object.entries(causes))('with %s reads as the guide shows it', async (code, [spoil, asked]) => {
    const [, step = '', says = ''] = rows().find(([found]) => found === code) ?? []
    const world = customerWorld()
    spoil(world)
    await lab.change(world)
    if (code === 'OWN_CREDENTIALS_INVALID')
      await lab.control.fault({ action: 'GetCallerIdentity', status: 403, code: 'InvalidClientTokenId' })
    if (code === 'STS_SESSION_POLICY_REFUSED')
      await lab.control.fault({ action: 'AssumeRole', status: 400, code: 'MalformedPolicyDocument' })
    const { steps } = await lab.test(asked)
    const failed = steps.find(({ result }) => result === 'failed' || result === 'warned')
    expect(failed).toMatchObject({ step, code })
    expect(failed?.found).toMatch(new RegExp(says.split('…').map(RegExp.escape).join('.+')))
  })

  test('is shown for every code of the table, in its order', () => {
    expect(rows().map(([code]) => code)).toEqual(Object.keys(causes))
  })

  /** Code, step and words of each row. */
  function rows(): [code: string, step: string, says: string][] {
    return guide
      .split('\n')
      .filter((line) => /^\| [\w ]+ \| [A-Z]\w+ \|/.test(line))
      .map((line) => {
        const [, step = '', code = '', says = ''] = line.split('|').map((cell) => cell.trim())
        return [code, step, says]
      })
  }
})
