/** What `setup aws` prints, and that a role made from it is what exports need: no more, and no less. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acmeTarget, startDeliverySandbox } from '../support/delivery-sandbox.ts'
import { exportFile } from '../support/export-file.ts'
import { penstock } from '../support/penstock-process.ts'
import { type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'
import { acme, acmeOwner, exporter } from '../support/sandbox-world.ts'

const run = promisify(execFile)

interface Document {
  permissions_policy: object
  narrowed_permissions_policy: object
  kms_policy: object | null
  trust_policy: object
  cloudformation: string
  terraform: string
  aws_commands: string[]
}

let server: PipelineServer
let folder: string
beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  folder = await mkdtemp(join(tmpdir(), 'penstock-setup-'))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function setUp(projectId: number, ...args: string[]) {
  const env = { PENSTOCK_DATABASE_URL: server.database.url, PENSTOCK_AWS_PRINCIPAL_ARN: exporter.arn }
  return await penstock(['setup', 'aws', '--project', String(projectId), ...args], env)
}

async function document(projectId: number, ...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await setUp(projectId, ...args, '--format', 'json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout) as Document
}

const acmeArgs = [
  '--bucket',
  acme.bucket,
  '--region',
  acme.region,
  '--prefix',
  'acme/',
  '--kms-key',
  acme.kmsKey,
]

describe('a role made of the printed policies', () => {
  test.each(['permissions_policy', 'narrowed_permissions_policy'] as const)(
    'with %s exports, encrypted by the key',
    async (policy) => {
      const project = await server.project()
      const printed = await document(project.projectId, ...acmeArgs)
      const sandbox = await startDeliverySandbox({ world: worldOf(printed, policy) })
      try {
        const target = {
          ...acmeTarget,
          externalId: project.token,
          encryption: 'kms' as const,
          kmsKeyId: acme.kmsKey,
        }
        const keys = await sandbox.deliver(sandbox.destinations(), target, [exportFile('part-0.json.gz')])
        expect(keys).toHaveLength(1)
        const stranger = sandbox.destinations().open({ ...target, externalId: acme.externalId })
        await expect(stranger.listFolder('acme/', new AbortController().signal)).rejects.toMatchObject({
          code: 'STS_ROLE_DENIED',
        })
      } finally {
        await sandbox.close()
      }
    },
  )

  test('narrowed to the prefix, reaches nothing beside it', async () => {
    const project = await server.project()
    const printed = await document(project.projectId, ...acmeArgs)
    const sandbox = await startDeliverySandbox({ world: worldOf(printed, 'narrowed_permissions_policy') })
    try {
      const { signal } = new AbortController()
      const bucket = sandbox.destinations().open({ ...acmeTarget, keyPrefix: '', externalId: project.token })
      await expect(bucket.putMarker('other/complete', signal)).rejects.toMatchObject({
        code: 'S3_PUT_DENIED',
      })
      await expect(bucket.listFolder('other/', signal)).rejects.toMatchObject({ code: 'S3_LIST_DENIED' })
      await bucket.putMarker('acme/complete', signal)
    } finally {
      await sandbox.close()
    }
  })
})

/** One account that has made exactly what was printed. */
function worldOf(printed: Document, policy: 'permissions_policy' | 'narrowed_permissions_policy') {
  const user = ({ arn, accessKeyId, secretAccessKey }: typeof exporter) => ({
    arn,
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
  })
  return {
    users: [user(exporter), user(acmeOwner)],
    roles: [
      { arn: acme.role, trust_policy: printed.trust_policy, policies: [printed[policy], printed.kms_policy] },
    ],
    buckets: [{ name: acme.bucket, account: acme.account, region: acme.region }],
    keys: [{ arn: acme.kmsKey }],
  }
}

test('the CloudFormation template passes the validator that AWS publishes', async () => {
  const { projectId } = await server.project()
  const { stdout, code } = await setUp(projectId, ...acmeArgs, '--format', 'cloudformation')
  expect(code).toBe(0)
  const file = join(folder, 'template.json')
  await writeFile(file, stdout)
  const engine = new RegoEngine()
  try {
    const { diagnostics } = engine.validateStandard(new TemplateFile(file), { severityLevel: 'WARN' })
    expect(diagnostics.map(({ ruleId, message }) => `${ruleId} ${message}`)).toEqual([])
    // A validator that finds nothing wrong anywhere would prove nothing.
    await writeFile(file, stdout.replace('"AssumeRolePolicyDocument"', '"AssumeRolePolicy"'))
    expect(
      engine.validateStandard(new TemplateFile(file), { severityLevel: 'WARN' }).diagnostics,
    ).not.toEqual([])
  } finally {
    engine.free()
  }
})

test('a shell reads the AWS commands as they are meant', async () => {
  const { projectId } = await server.project()
  const printed = await document(projectId, '--bucket', acme.bucket, '--prefix', "it's")
  const script = `aws() { printf '%s\\0' "$@"; }\n${printed.aws_commands.join('\n')}`
  const { stdout } = await run('sh', ['-c', script])
  const words = stdout.split('\0')
  const after = (option: string) => JSON.parse(words[words.indexOf(option) + 1] ?? '') as unknown
  expect(after('--assume-role-policy-document')).toEqual(printed.trust_policy)
  expect(after('--policy-document')).toEqual(printed.narrowed_permissions_policy)
})

test('the Terraform module holds the same policies', async () => {
  const { projectId } = await server.project()
  const printed = await document(projectId, ...acmeArgs)
  const documents = [...printed.terraform.matchAll(/<<-POLICY\n(.*?)\n {2}POLICY$/gms)].map(
    ([, json = '']) => JSON.parse(json) as unknown,
  )
  expect(documents).toEqual([printed.trust_policy, printed.narrowed_permissions_policy, printed.kms_policy])
})

test('the API answers the same as the command', async () => {
  const project = await server.project()
  const query = new URLSearchParams({
    s3_bucket: acme.bucket,
    s3_region: acme.region,
    s3_prefix: 'acme',
    s3_kms_key_id: acme.kmsKey,
  })
  const { status, json } = await server.call(project.apiSecret, `setup?${query}`)
  expect(status).toBe(200)
  const printed = await document(project.projectId, ...acmeArgs)
  const ofServer = JSON.parse(
    JSON.stringify(printed).replaceAll(exporter.arn, 'arn:aws:iam::111111111111:role/penstock'),
  )
  expect(json).toEqual(ofServer)
})

test.each([
  [['--bucket', 'Not_A_Bucket'], 'lower-case letters'],
  [['--bucket', 'acme-raw', '--kms-key', 'alias/x'], 'must be the ARN of a KMS key'],
  [['--bucket', 'acme-raw', '--region', 'mars-1'], 'like us-west-2'],
  [['--bucket', 'acme-raw', '--prefix', '../x'], 'must not contain . or ..'],
  [['--bucket', 'acme-raw', '--role-name', 'a b'], '1 to 64 letters'],
])('%j is misuse, and says what is allowed', async (args, allowed) => {
  const { code, stderr } = await setUp(1, ...args)
  expect(code).toBe(2)
  expect(stderr).toContain(allowed)
})

test('a region of another partition than Penstock’s own identity is misuse, and says what to do', async () => {
  const { projectId } = await server.project()
  const { code, stderr } = await setUp(projectId, '--bucket', 'acme-raw', '--region', 'cn-north-1')
  expect(code).toBe(2)
  expect(stderr).toContain('PENSTOCK_AWS_PRINCIPAL_ARN')
})
