/**
 * The connection test against a real S3 and STS server that is not AWS: Ceph's object gateway, which gives no reason for
 * what it denies. Runs where the lab can be had; elsewhere it is skipped.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDestinationProbes, type DestinationProbes } from '../../src/data/deliver/destination-probes.ts'
import type { ProjectId } from '../../src/ids.ts'
import { createDestinationTests } from '../../src/workflows/connection-test/destination-tests.ts'
import type { ConnectionTest } from '../../src/workflows/connection-test/tested-step.ts'
import { type BucketReader, openBucket } from '../support/bucket-reader.ts'
import { type CephLab, openCephLab } from '../support/ceph-lab.ts'
import { bucketPolicy, exporter, trustPolicy } from '../support/sandbox-world.ts'
import { silentLog } from '../support/silent-log.ts'

// Brought up by whoever runs it: this suite is short, and the lab's first start is not.
const isThere = (process.env.RGW_LAB_ACME_BUCKET ?? '') !== ''
if (!isThere) process.stdout.write('skipped: connection test of Ceph (RGW_LAB_ACME_BUCKET is not set)\n')

const externalId = randomBytes(16).toString('hex')
const run = `penstock-connection-${randomBytes(4).toString('hex')}`

describe.skipIf(!isThere)('a Ceph gateway', () => {
  let lab: CephLab
  let bucket: BucketReader
  let probes: DestinationProbes
  beforeAll(async () => {
    lab = await openCephLab()
    bucket = openBucket(lab)
    probes = createDestinationProbes({
      pathStyle: true,
      allowPlainHttp: false,
      sessionSeconds: 3600,
      log: silentLog,
      env: lab.env,
      ownCredentials: async () => ({
        accessKeyId: lab.env.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: lab.env.AWS_SECRET_ACCESS_KEY ?? '',
      }),
      wait: async () => {},
    })
  })
  afterAll(async () => {
    probes.close()
    bucket.close()
    await lab.close()
  })

  interface Asked {
    encryption?: 'none' | 'aes' | 'kms'
    kmsKeyId?: string
    externalId?: string
  }
  const connectionTest = (roleArn: string, asked: Asked = {}): Promise<ConnectionTest> => {
    const deps = {
      probes,
      clock: { nowMs: () => Date.now() },
      log: silentLog,
      configuredPrincipalArn: exporter.arn,
    }
    const { encryption = 'none', kmsKeyId = null } = asked
    return createDestinationTests(deps, 'warn').whole({
      projectId: 42 as ProjectId,
      externalId: asked.externalId ?? externalId,
      destination: { bucket: lab.bucket, region: lab.region, prefix: run, roleArn, encryption, kmsKeyId },
    })
  }
  const failures = ({ steps }: ConnectionTest) => steps.filter(({ result }) => result === 'failed')
  const left = () => bucket.list(`${run}/`)

  test.each(['none', 'kms'] as const)('passes every step with %s, and nothing stays', async (encryption) => {
    const role = await lab.createRole(`${run}-fine`, externalId)
    const asked = { encryption, ...(encryption === 'kms' && { kmsKeyId: lab.kmsKey }) }
    expect(failures(await connectionTest(role, asked))).toEqual([])
    expect(await left()).toEqual([])
  })

  test('with aes is refused: it stores the object, and does not confirm that it is encrypted', async () => {
    const role = await lab.createRole(`${run}-fine`, externalId)
    expect(failures(await connectionTest(role, { encryption: 'aes' }))).toMatchObject([
      { step: 'put', code: 'S3_ENCRYPTION_NOT_CONFIRMED' },
    ])
    expect(await left()).toEqual([])
  })

  test.each([
    ['s3:PutObject', 'put'],
    ['s3:GetObject', 'read'],
    ['s3:DeleteObject', 'delete'],
    ['s3:ListBucket', 'list'],
  ])('without %s names it, and the pasted statement is enough', async (action, step) => {
    const name = `${run}-${action.replace(':', '-')}`
    const granted = bucketPolicy(lab.bucket, [action])
    const role = await lab.createRole(name, externalId, { permissions: granted })
    const refused = failures(await connectionTest(role))
    expect(refused).toMatchObject([{ step, repairs: [{ policy: 'role', json: { Action: action } }] }])
    expect(await left()).toEqual([])

    const pasted = { ...granted, Statement: [granted.Statement, refused[0]?.repairs[0]?.json] }
    await lab.createRole(name, externalId, { permissions: pasted })
    expect(failures(await connectionTest(role))).toEqual([])
    expect(await left()).toEqual([])
  })

  test("does not let another project's token in", async () => {
    const role = await lab.createRole(`${run}-fine`, externalId)
    const stolen = await connectionTest(role, { externalId: 'e'.repeat(32) })
    expect(failures(stolen)).toMatchObject([{ step: 'assume role', code: 'STS_ROLE_DENIED' }])
    expect(failures(stolen)[0]?.repairs[0]).toMatchObject({ policy: 'trust' })
  })

  test('warns of a role that lets in everybody', async () => {
    const { Version, Statement } = trustPolicy(externalId)
    const { Condition: _, ...open } = Statement
    const role = await lab.createRole(`${run}-open`, externalId, { trust: { Version, Statement: open } })
    expect((await connectionTest(role)).steps).toContainEqual(
      expect.objectContaining({ step: 'trust', result: 'warned', code: 'STS_ROLE_OPEN' }),
    )
  })
})
