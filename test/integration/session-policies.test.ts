/**
 * A role that was given too much: what a pipeline's session may do with it is its own exports, and nothing else. The
 * sandbox and, where one is set up, Ceph's gateway judge.
 */
import { GetBucketLocationCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/main.ts'
import { type Access, type AccessFactory, createAccessFactory } from '../../src/data/deliver/access.ts'
import { createDestinationProbes } from '../../src/data/deliver/destination-probes.ts'
import type { ProjectId } from '../../src/ids.ts'
import { destinationTarget } from '../../src/workflows/destination-target.ts'
import { outcome } from '../contract/outcome.ts'
import { openCephLab } from '../support/ceph-lab.ts'
import { sandboxControl } from '../support/sandbox-control.ts'
import { acme, exporter, roleOf, sandboxWorld, trustPolicy } from '../support/sandbox-world.ts'
import { silentLog } from '../support/silent-log.ts'

interface Place {
  env: Record<string, string>
  region: string
  bucket: string
  role: string
  kmsKey: string
  close(): Promise<void>
}

const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }
const everyBucket = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }
const otherBucket = 'acme-payroll'
const otherKey = acme.kmsKey.replace('11111111', '99999999')
const { signal } = new AbortController()

async function openSandbox(): Promise<Place> {
  const { users } = sandboxWorld()
  const bucket = (name: string) => ({ name, account: acme.account, region: acme.region })
  const role = roleOf(acme)
  const sandbox = await startSandbox({
    world: {
      users,
      roles: [{ arn: role, trust_policy: trustPolicy(acme.externalId), policies: [everything] }],
      buckets: [bucket(acme.bucket), bucket(otherBucket)],
      keys: [{ arn: acme.kmsKey }, { arn: otherKey }],
    },
  })
  const { region, bucket: name, kmsKey } = acme
  const env = {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ACCESS_KEY_ID: exporter.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
  }
  return { env, region, bucket: name, role, kmsKey, close: () => sandbox.close() }
}

async function openCeph(): Promise<Place> {
  const lab = await openCephLab()
  const role = await lab.createRole('penstock-session-policies', acme.externalId, {
    permissions: everyBucket,
  })
  return { ...lab, role }
}

function optionsOf({ env }: Place) {
  return {
    pathStyle: true,
    allowPlainHttp: false,
    sessionSeconds: 3600,
    log: silentLog,
    env,
    ownCredentials: async () => ({
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    }),
    wait: async () => {},
  }
}

const places: [string, () => Promise<Place>][] = [['the sandbox', openSandbox]]
if ((process.env.RGW_LAB_ACME_BUCKET ?? '') !== '') places.push(['a Ceph gateway', openCeph])
else process.stdout.write('skipped: session policies of Ceph (RGW_LAB_ACME_BUCKET is not set)\n')

describe.each(places)('%s: the session of a pipeline', (name, open) => {
  let place: Place
  let factory: AccessFactory
  let access: Access
  beforeAll(async () => {
    place = await open()
    factory = createAccessFactory(optionsOf(place))
    access = factory.open(targetOf('none'), signal)
  })
  afterAll(async () => {
    access.s3.destroy()
    factory.close()
    await place.close()
  })

  function targetOf(encryption: 'none' | 'kms') {
    const { bucket, region, role: roleArn, kmsKey } = place
    const kmsKeyId = encryption === 'kms' ? kmsKey : null
    return destinationTarget(
      { bucket, region, roleArn, prefix: 'raw', encryption, kmsKeyId },
      { projectId: 42 as ProjectId, externalId: acme.externalId, purpose: 'events-daily-s3-raw' },
    )
  }
  const put = (Key: string, more: object = {}) =>
    outcome(access.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key, Body: 'x', ...more })))
  const list = (Prefix: string | undefined) =>
    outcome(access.s3.send(new ListObjectsV2Command({ Bucket: place.bucket, Prefix })))

  test('writes and lists below its own project and prefix', async () => {
    expect(await put('raw/42/2026/11/24/full_day/complete')).toBe('200')
    expect(await list('raw/42/')).toBe('200')
  })

  test.each(['raw/43/complete', 'raw/42', 'raw/4200/complete', 'complete', 'other/42/complete'])(
    'does not write %s',
    async (key) => {
      expect(await put(key)).toBe('403 AccessDenied')
    },
  )

  test.each(['raw/43/', 'raw/', '', undefined])('does not list %j', async (prefix) => {
    expect(await list(prefix)).toBe('403 AccessDenied')
  })

  test('does nothing else with its own bucket', async () => {
    const asked = access.s3.send(new GetBucketLocationCommand({ Bucket: place.bucket }))
    expect(await outcome(asked)).toBe('403 AccessDenied')
  })

  test.runIf(name === 'the sandbox')("does nothing with another bucket of the role's account", async () => {
    expect(await put('raw/42/complete', { Bucket: otherBucket })).toBe('403 AccessDenied')
  })

  test.runIf(name === 'the sandbox')('uses its own key and no other', async () => {
    const narrowed = factory.open(targetOf('kms'), signal)
    const putBy = (SSEKMSKeyId: string) => {
      const encryption = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId } as const
      const object = { Bucket: place.bucket, Key: 'raw/42/x', Body: 'x', ...encryption }
      return outcome(narrowed.s3.send(new PutObjectCommand(object)))
    }
    expect(await putBy(acme.kmsKey)).toBe('200')
    expect(await putBy(otherKey)).toBe('403 AccessDenied')
    narrowed.s3.destroy()
  })

  test.runIf(name === 'the sandbox')(
    'is narrowed wherever a role is assumed; one that only tries the trust policy may do nothing',
    async () => {
      const control = sandboxControl(place.env.AWS_ENDPOINT_URL ?? '')
      const before = (await control.requests()).length
      const probes = createDestinationProbes(optionsOf(place))
      const { region, role: roleArn } = place
      await probes.trustOpenings({ roleArn, region, sessionName: 'trust-test' }, signal)
      const probed = probes.open(targetOf('kms'))
      await probed.assumeRole(signal)
      const asked = (await control.requests()).slice(before)
      expect(asked.map(({ session_policy: policy }) => JSON.parse(policy ?? 'null')?.Statement[0])).toEqual([
        { Effect: 'Deny', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: '*', Resource: '*' },
        expect.objectContaining({ Resource: `arn:aws:s3:::${place.bucket}/raw/42/*` }),
      ])
      probed.close()
      probes.close()
    },
  )
})
