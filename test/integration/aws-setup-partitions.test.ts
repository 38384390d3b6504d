/**
 * The set-up of each partition, with and without a prefix and a key: the command and the API print the same, and an account
 * that has made just what the CloudFormation template says passes every step of the connection test.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../sandbox/main.ts'
import { createDestinationProbes } from '../../src/data/deliver/destination-probes.ts'
import { createDestinationTests } from '../../src/workflows/connection-test/destination-tests.ts'
import { penstockJson } from '../support/penstock-process.ts'
import { type PipelineServer, startPipelineServer } from '../support/pipeline-server.ts'
import { sandboxControl } from '../support/sandbox-control.ts'
import { acme, exporter } from '../support/sandbox-world.ts'
import { silentLog } from '../support/silent-log.ts'

let server: PipelineServer
let sandbox: Sandbox
let folder: string
beforeAll(async () => {
  server = await startPipelineServer(Date.parse('2024-03-01T20:00:00Z'))
  sandbox = await startSandbox({ world: {} })
  folder = await mkdtemp(join(tmpdir(), 'penstock-partitions-'))
})
afterAll(async () => {
  await server?.close()
  await sandbox?.close()
  await rm(folder, { recursive: true, force: true })
})

const partitions = [
  ['aws', 'eu-central-1'],
  ['aws-cn', 'cn-northwest-1'],
  ['aws-us-gov', 'us-gov-west-1'],
] as const
const cases = partitions.flatMap(([partition, region]) => [
  { partition, region, prefix: null, hasKey: false },
  { partition, region, prefix: 'raw/events', hasKey: true },
  { partition, region, prefix: 'raw/events', hasKey: false },
  { partition, region, prefix: null, hasKey: true },
])

interface Printed {
  cloudformation: string
}

test.each(cases)('$partition in $region, prefix $prefix, key $hasKey', async (setUp) => {
  const { partition, region, prefix, hasKey } = setUp
  const { projectId, apiSecret, token } = await server.project()
  const principalArn = `arn:${partition}:iam::111111111111:user/penstock-export`
  const key = `arn:${partition}:kms:${region}:${acme.account}:key/11111111-2222-3333-4444-555555555555`
  server.principal.arn = principalArn

  const asked = new URLSearchParams({ s3_bucket: acme.bucket, s3_region: region })
  const options = ['--bucket', acme.bucket, '--region', region]
  if (prefix !== null) {
    asked.set('s3_prefix', prefix)
    options.push('--prefix', prefix)
  }
  if (hasKey) {
    asked.set('s3_kms_key_id', key)
    options.push('--kms-key', key)
  }
  const answer = await server.call(apiSecret, `setup?${asked}`)
  expect(answer.status).toBe(200)
  const printed = answer.json as Printed
  // A process a partition is enough: the same lines make both.
  if (prefix !== null && hasKey) {
    const env = { PENSTOCK_DATABASE_URL: server.database.url, PENSTOCK_AWS_PRINCIPAL_ARN: principalArn }
    const command = ['setup', 'aws', '--project', String(projectId), ...options]
    expect(await penstockJson<Printed>(command, env)).toEqual(printed)
  }
  const named = [...JSON.stringify(printed).matchAll(/arn:(aws[a-z-]*):/g)].map(([, found]) => found)
  expect(new Set(named)).toEqual(new Set([partition]))
  expect(await warningsOf(printed.cloudformation)).toEqual([])

  const roleArn = `arn:${partition}:iam::${acme.account}:role/penstock-export`
  const made = JSON.parse(printed.cloudformation).Resources.PenstockExportRole.Properties
  await sandboxControl(sandbox.url).changeWorld({
    users: [
      {
        arn: principalArn,
        access_key_id: exporter.accessKeyId,
        secret_access_key: exporter.secretAccessKey,
      },
    ],
    roles: [
      {
        arn: roleArn,
        trust_policy: made.AssumeRolePolicyDocument,
        policies: made.Policies.map(({ PolicyDocument }: { PolicyDocument: object }) => PolicyDocument),
      },
    ],
    buckets: [{ name: acme.bucket, account: acme.account, region }],
    keys: [{ arn: key }],
  })
  const probes = createDestinationProbes({
    ...{ pathStyle: true, allowPlainHttp: false, sessionSeconds: 3600, log: silentLog },
    env: { AWS_ENDPOINT_URL: sandbox.url },
    ownCredentials: async () => exporter,
  })
  const clock = { nowMs: () => Date.now() }
  const tests = createDestinationTests(
    { probes, clock, log: silentLog, configuredPrincipalArn: undefined },
    'refuse',
  )
  try {
    const encryption = hasKey ? ('kms' as const) : ('aes' as const)
    const destination = {
      bucket: acme.bucket,
      region,
      prefix,
      roleArn,
      encryption,
      kmsKeyId: hasKey ? key : null,
    }
    const { steps } = await tests.whole({ projectId, externalId: token, destination })
    expect(steps.filter(({ result }) => result !== 'passed')).toEqual([])
  } finally {
    tests.close()
  }
})

/** What AWS's own validator says of a template. */
async function warningsOf(template: string): Promise<string[]> {
  const file = join(folder, 'template.json')
  await writeFile(file, template)
  const engine = new RegoEngine()
  try {
    const { diagnostics } = engine.validateStandard(new TemplateFile(file), { severityLevel: 'WARN' })
    return diagnostics.map(({ ruleId, message }) => `${ruleId} ${message}`)
  } finally {
    engine.free()
  }
}
