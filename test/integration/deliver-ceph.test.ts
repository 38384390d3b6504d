/**
 * Delivery into a real S3 server that is not AWS: Ceph's object gateway. Runs where the environment names one
 * (RGW_LAB_ACME_BUCKET and its neighbours); elsewhere it is skipped.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { deliverFolder } from '../../src/data/deliver/deliver-folder.ts'
import type { DestinationTarget } from '../../src/data/deliver/destination.ts'
import { createDestinations } from '../../src/data/deliver/destinations.ts'
import { exportFile, exportFileOf, inOrder } from '../support/export-file.ts'
import { silentLog } from '../support/silent-log.ts'

const lab = (name: string): string => process.env[`RGW_LAB_${name}`] ?? ''
const isThere = lab('ACME_BUCKET') !== ''
if (!isThere) process.stdout.write('skipped: delivery to Ceph (RGW_LAB_ACME_BUCKET is not set)\n')

const signal = new AbortController().signal
const destinations = createDestinations({
  pathStyle: true,
  allowPlainHttp: false,
  sessionSeconds: 3600,
  log: silentLog,
  wait: async () => {},
  ...(isThere ? {} : { env: {} }),
})
afterAll(() => destinations.close())

const target: DestinationTarget = {
  bucket: lab('ACME_BUCKET'),
  region: 'us-east-1',
  roleArn: lab('ACME_ROLE'),
  externalId: lab('ACME_EXTERNAL_ID'),
  keyPrefix: 'deliver-test/',
  sessionName: 'penstock-deliver-test',
  encryption: 'none',
  kmsKeyId: null,
  bucketOwner: '222222222222',
}

/** A folder of its own for each test, for the bucket outlives the run. */
const newFolder = () => `deliver-test/${randomBytes(6).toString('hex')}/full_day/`

async function deliver(
  folder: string,
  change: Partial<DestinationTarget>,
  ...names: string[]
): Promise<void> {
  const files = names.map((name) => exportFileOf(name, randomBytes(700_000)))
  const delivery = {
    folder,
    files: inOrder([...files, exportFile('part-09999-s.json.gz')]),
    uploadsMax: 3,
    signal,
  }
  await deliverFolder(destinations.open({ ...target, ...change }), { ...delivery, checkpoint: () => {} })
}

const inFolder = async (folder: string) =>
  (await destinations.open(target).listFolder(folder, signal)).map(({ key }) => key.slice(folder.length))

describe.skipIf(!isThere)('a Ceph gateway', () => {
  test.each([
    ['none', null],
    ['kms', lab('ACME_KMS_KEY')],
  ] as const)('takes a folder with %s, and the same folder again', async (encryption, kmsKeyId) => {
    const folder = newFolder()
    await deliver(folder, { encryption, kmsKeyId }, 'part-00000-a.json.gz', 'part-00001-b.json.gz')
    await deliver(folder, { encryption, kmsKeyId }, 'part-00000-c.json.gz')
    expect(await inFolder(folder)).toEqual(['complete', 'part-00000-c.json.gz', 'part-09999-s.json.gz'])
  })

  test('that does not confirm AES256 is refused, and nothing is left there', async () => {
    const folder = newFolder()
    await expect(deliver(folder, { encryption: 'aes' }, 'part-00000-a.json.gz')).rejects.toMatchObject({
      code: 'S3_ENCRYPTION_NOT_CONFIRMED',
      retryable: false,
    })
    expect(await inFolder(folder)).toEqual([])
  })

  test.each([
    ['a wrong external ID', { externalId: lab('GLOBEX_EXTERNAL_ID') }, 'STS_ROLE_DENIED'],
    ['a role that is gone', { roleArn: `${lab('ACME_ROLE')}-2` }, 'STS_ROLE_NOT_FOUND'],
    ['an unknown bucket', { bucket: 'acme-nothing' }, 'S3_BUCKET_NOT_FOUND'],
    ["another account's bucket", { bucket: lab('GLOBEX_BUCKET') }, 'S3_BUCKET_NOT_FOUND'],
    ['an unknown key', { encryption: 'kms', kmsKeyId: `${lab('ACME_KMS_KEY')}0` }, 'KMS_KEY_NOT_FOUND'],
    ['kms without a key, which it has none for', { encryption: 'kms' }, 'S3_REQUEST_REFUSED'],
    ['a role that may not write', { roleArn: lab('ACME_ROLE_NO_WRITE') }, 'S3_PUT_DENIED'],
  ] as const)('refuses %s', async (_, change, code) => {
    const folder = newFolder()
    await expect(deliver(folder, change, 'part-00000-a.json.gz')).rejects.toMatchObject({
      code,
      retryable: false,
    })
    expect(await inFolder(folder)).toEqual([])
  })

  test('refuses a role without s3:DeleteObject only where something must be deleted', async () => {
    const folder = newFolder()
    const change = { roleArn: lab('ACME_ROLE_NO_DELETE') }
    await deliver(folder, change, 'part-00000-a.json.gz')
    await expect(deliver(folder, change, 'part-00000-b.json.gz')).rejects.toMatchObject({
      code: 'S3_DELETE_DENIED',
      retryable: false,
    })
    expect(await inFolder(folder)).toEqual(['complete', 'part-00000-a.json.gz', 'part-09999-s.json.gz'])
  })
})
