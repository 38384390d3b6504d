/** A sandbox whose world a test spoils and mends, and the connection test that looks at it. */
import { startSandbox } from '../../sandbox/main.ts'
import { createDestinationProbes } from '../../src/data/deliver/destination-probes.ts'
import type { ProjectId } from '../../src/ids.ts'
import {
  createDestinationTests,
  type DestinationTests,
} from '../../src/workflows/connection-test/destination-tests.ts'
import type { ConnectionTest, Repair } from '../../src/workflows/connection-test/tested-step.ts'
import { type BucketReader, openBucket } from './bucket-reader.ts'
import { type SandboxControl, sandboxControl } from './sandbox-control.ts'
import { acme, acmeOwner, exporter, roleOf, sandboxWorld, trustPolicy } from './sandbox-world.ts'
import { silentLog } from './silent-log.ts'

interface Statement {
  Effect: string
  Action: string | string[]
  Resource?: string | string[]
  Principal?: unknown
  Condition?: Record<string, Record<string, string>>
}
interface Policy {
  Statement: Statement[]
}

/** What the customer has: one role, one bucket, one key of each account. */
export interface CustomerWorld {
  role: { arn: string; trust_policy: Policy; policies: Policy[] }
  bucket: {
    name: string
    account: string
    region: string
    policy: Policy | null
    default_encryption?: object
  }
  key: { arn: string; policy: Policy | null; enabled: boolean; pending_deletion: boolean; aliases: string[] }
  foreignKey: { arn: string; policy: Policy; aliases: string[] }
  secureTransport: boolean
}

export const prefix = 'raw'
export const connectionRole = roleOf(acme)
/** The parameters by which `create` names the customer's bucket. */
export const connectionTarget = {
  s3_bucket: acme.bucket,
  s3_region: acme.region,
  s3_prefix: prefix,
  s3_role: connectionRole,
}
export const foreignKeyArn = 'arn:aws:kms:us-west-2:333333333333:key/33333333-2222-3333-4444-555555555555'
const foreignOwner = 'arn:aws:iam::333333333333:root'

export const dataActions = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket']
export const keyActions = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptTo',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:DescribeKey',
  'kms:ReEncryptFrom',
]

/** Everything set up as `setup aws` says, one statement an action, so that one can be taken away. */
export function customerWorld(externalId: string = acme.externalId): CustomerWorld {
  const keys = [acme.kmsKey, foreignKeyArn]
  return {
    role: {
      arn: connectionRole,
      trust_policy: { Statement: [trustPolicy(externalId).Statement] },
      policies: [
        ...dataActions.map((action) =>
          policyOf(action, `arn:aws:s3:::${acme.bucket}`, `arn:aws:s3:::${acme.bucket}/*`),
        ),
        ...keyActions.map((action) => policyOf(action, ...keys)),
      ],
    },
    bucket: { name: acme.bucket, account: acme.account, region: acme.region, policy: null },
    key: {
      arn: acme.kmsKey,
      policy: null,
      enabled: true,
      pending_deletion: false,
      aliases: ['alias/events'],
    },
    foreignKey: {
      arn: foreignKeyArn,
      aliases: ['alias/shared'],
      policy: {
        Statement: [
          { Effect: 'Allow', Principal: { AWS: foreignOwner }, Action: 'kms:*', Resource: '*' },
          {
            Effect: 'Allow',
            Principal: { AWS: [connectionRole, acmeOwner.arn] },
            Action: keyActions,
            Resource: '*',
          },
        ],
      },
    },
    secureTransport: true,
  }
}

/** The same, whose role lets in everybody that Penstock comes for. */
export function openCustomerWorld(): CustomerWorld {
  const world = customerWorld()
  for (const statement of world.role.trust_policy.Statement) delete statement.Condition
  return world
}

function policyOf(action: string, ...resources: string[]): Policy {
  return { Statement: [{ Effect: 'Allow', Action: action, Resource: resources }] }
}

/** Takes an action away from the role. */
export function without(world: CustomerWorld, action: string): void {
  world.role.policies = world.role.policies.filter(({ Statement }) => Statement[0]?.Action !== action)
}

/** What a customer does who pastes a repair where it says. */
export function paste(world: CustomerWorld, { policy, json }: Repair): void {
  const isStatement = json !== null && 'Effect' in json
  const statement = json as unknown as Statement
  const conditionOn = (statements: Statement[], effect: string): void => {
    for (const each of statements) {
      if (each.Effect === effect) each.Condition = { ...each.Condition, ...(json as Statement['Condition']) }
    }
  }
  if (policy === 'role') world.role.policies.push({ Statement: [statement] })
  else if (policy === 'trust' && isStatement) world.role.trust_policy.Statement.push(statement)
  else if (policy === 'trust') conditionOn(world.role.trust_policy.Statement, 'Allow')
  else if (policy === 'bucket') conditionOn(world.bucket.policy?.Statement ?? [], 'Deny')
  else if (policy === 'key' && isStatement) {
    for (const key of [world.key, world.foreignKey]) key.policy?.Statement.push(statement)
  } else if (policy === 'key') conditionOn(world.key.policy?.Statement ?? [], 'Deny')
  else throw new Error(`nobody pastes into ${policy}`)
}

export interface Asked {
  encryption?: 'none' | 'aes' | 'kms'
  kmsKeyId?: string | null
  externalId?: string
  trust?: 'warn' | 'refuse'
}

export interface ConnectionLab {
  url: string
  control: SandboxControl
  bucket: BucketReader
  change(world: CustomerWorld): Promise<void>
  test(asked?: Asked): Promise<ConnectionTest>
  /** As `serve` has them, by a clock that is so far ahead. */
  tests(trust: 'warn' | 'refuse', aheadMs?: number): DestinationTests
  close(): Promise<void>
}

export async function openConnectionLab(): Promise<ConnectionLab> {
  const sandbox = await startSandbox({ world: worldFile(customerWorld()) })
  const control = sandboxControl(sandbox.url)
  const probes = createDestinationProbes({
    pathStyle: true,
    allowPlainHttp: false,
    sessionSeconds: 3600,
    log: silentLog,
    env: { AWS_ENDPOINT_URL: sandbox.url },
    ownCredentials: async () => exporter,
    wait: async () => {},
  })
  const clock = { nowMs: () => Date.now() }
  const deps = { probes, clock, log: silentLog, configuredPrincipalArn: undefined }
  const { bucket: name, region } = acme
  const bucket = openBucket({ url: sandbox.url, region, bucket: name, owner: acmeOwner })
  return {
    url: sandbox.url,
    control,
    bucket,
    change: (world) => control.changeWorld(worldFile(world)),
    test: ({ encryption = 'none', kmsKeyId = null, externalId = acme.externalId, trust = 'warn' } = {}) =>
      createDestinationTests(deps, trust).whole({
        projectId: 42 as ProjectId,
        externalId,
        destination: { bucket: name, region, prefix, roleArn: connectionRole, encryption, kmsKeyId },
      }),
    tests: (trust, aheadMs = 0) =>
      createDestinationTests({ ...deps, clock: { nowMs: () => Date.now() + aheadMs } }, trust),
    close: async () => {
      bucket.close()
      probes.close()
      await sandbox.close()
    },
  }
}

function worldFile({ role, bucket, key, foreignKey, secureTransport }: CustomerWorld) {
  return {
    users: sandboxWorld().users,
    roles: [role],
    buckets: [bucket],
    keys: [key, foreignKey],
    secure_transport: secureTransport,
  }
}
