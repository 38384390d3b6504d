/** Delivery into another account's bucket, in a sandbox that judges policies, keys, owners and encryption as AWS does. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  acmeTarget,
  type DeliverySandbox,
  folder,
  startDeliverySandbox,
} from '../support/delivery-sandbox.ts'
import { exportFile, exportFileOf } from '../support/export-file.ts'
import { acme, globex } from '../support/sandbox-world.ts'

const signal = new AbortController().signal
let sandbox: DeliverySandbox

beforeAll(async () => {
  sandbox = await startDeliverySandbox()
})
beforeEach(async () => {
  const destination = sandbox.destinations().open(acmeTarget)
  for (const { key } of await destination.listFolder(folder, signal))
    await destination.deleteObject(key, signal)
  await sandbox.forget()
})
afterAll(() => sandbox.close())

const deliver = (change: Partial<typeof acmeTarget>, ...files: ReturnType<typeof exportFile>[]) =>
  sandbox.deliver(sandbox.destinations(), { ...acmeTarget, ...change }, files)
const put = (name: string, body = 'old') =>
  sandbox.asOwner({ method: 'PUT', path: `/${acme.bucket}/${folder}${name}`, body })
const get = (name: string) => sandbox.asOwner({ method: 'GET', path: `/${acme.bucket}/${folder}${name}` })
const inFolder = async () =>
  (await sandbox.destinations().open(acmeTarget).listFolder(folder, signal)).map(({ key }) =>
    key.slice(folder.length),
  )
const changes = async () =>
  (await sandbox.requests())
    .filter(({ action }) => action === 'PutObject' || action === 'DeleteObject')
    .map(({ action, key }) => `${action} ${key?.slice(folder.length)}`)

describe('a folder', () => {
  test('is delivered with `complete` last, and needs no more than the four permissions', async () => {
    const bytes = randomBytes(3_000_000)
    expect(
      await deliver({}, exportFile('part-00000-a.json.gz'), exportFileOf('part-00001-b.json.gz', bytes)),
    ).toEqual([`${folder}part-00000-a.json.gz`, `${folder}part-00001-b.json.gz`])
    expect(await inFolder()).toEqual(['complete', 'part-00000-a.json.gz', 'part-00001-b.json.gz'])
    const requests = await sandbox.requests()
    expect(requests.map(({ action }) => action)).not.toContain('DeleteObject')
    expect((await changes()).at(-1)).toBe('PutObject complete')
    expect(requests.filter(({ key }) => key?.endsWith('b.json.gz'))).toMatchObject([
      { bytes_in: bytes.length },
    ])
  })

  test('of a day without events holds `complete` and nothing else', async () => {
    await deliver({})
    expect(await inFolder()).toEqual(['complete'])
    expect((await get('complete')).text).toBe('')
  })

  test('written again loses `complete` first and gets it back last, without the files of before', async () => {
    await deliver({}, exportFile('part-00000-old.json.gz'), exportFile('part-00001-old.json.gz'))
    await sandbox.forget()
    await deliver({}, exportFile('part-00000-new.json.gz'))
    const changed = await changes()
    expect(changed.slice(0, 2)).toEqual(['DeleteObject complete', 'PutObject part-00000-new.json.gz'])
    expect(changed.slice(2, 4).sort()).toEqual([
      'DeleteObject part-00000-old.json.gz',
      'DeleteObject part-00001-old.json.gz',
    ])
    expect(changed.slice(4)).toEqual(['PutObject complete'])
    expect(await inFolder()).toEqual(['complete', 'part-00000-new.json.gz'])
  })

  test('keeps what is not its own: other names, deeper folders, neighbours', async () => {
    await put('_SUCCESS')
    await put('a b+c%25é.txt')
    await put('05/part-00000-hourly.json.gz')
    await put('../full_day2/part-00000-x.json.gz')
    await put('stray +%41.json.gz')
    await deliver({}, exportFile('part-00000-a.json.gz'))
    expect(await inFolder()).toEqual([
      '_SUCCESS',
      expect.stringMatching(/\.txt$/),
      'complete',
      'part-00000-a.json.gz',
    ])
    expect((await get('05/part-00000-hourly.json.gz')).status).toBe(200)
  })
})

describe('encryption', () => {
  const cases = [
    ['none', null, {}],
    ['aes', null, { 'x-amz-server-side-encryption': 'AES256' }],
    [
      'kms',
      null,
      {
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-bucket-key-enabled': 'true',
      },
    ],
    ['kms', acme.kmsKey, { 'x-amz-server-side-encryption-aws-kms-key-id': acme.kmsKey }],
    ['kms', acme.kmsKey.split('/')[1] ?? '', { 'x-amz-server-side-encryption': 'aws:kms' }],
    ['kms', 'arn:aws:kms:us-west-2:222222222222:alias/events', { 'x-amz-server-side-encryption': 'aws:kms' }],
  ] as const
  test.each(cases)(
    '%s with key %s is on every object, files and marker',
    async (encryption, kmsKeyId, headers) => {
      await deliver(
        { encryption, kmsKeyId },
        exportFile('part-00000-a.json.gz'),
        exportFile('part-00001-b.json.gz'),
      )
      const puts = (await sandbox.requests()).filter(({ action }) => action === 'PutObject')
      expect(puts).toHaveLength(3)
      for (const { encryption: sent } of puts) {
        if (encryption === 'none') expect(sent).toEqual({})
        else expect(sent).toMatchObject(headers)
      }
    },
  )
})

describe('a refusal says what and how to repair it, at once and without a second try', () => {
  const otherRegion = { bucket: globex.bucket, roleArn: globex.role, externalId: globex.externalId }
  const cases = [
    [
      'a wrong external ID',
      { externalId: 'f'.repeat(32) },
      'STS_ROLE_DENIED',
      /sts:ExternalId = the project's token/,
    ],
    ['a role that is gone', { roleArn: `${acme.role}-2` }, 'STS_ROLE_DENIED', /does not exist/],
    ['an unknown bucket', { bucket: 'acme-nothing' }, 'S3_BUCKET_NOT_FOUND', /no such bucket/],
    [
      'a bucket in another region',
      { ...otherRegion, bucketOwner: globex.account },
      'S3_BUCKET_REGION_MISMATCH',
      /globex-events is in eu-west-1; the pipeline says us-west-2.*s3_region=eu-west-1/,
    ],
    [
      'a bucket of another owner',
      { bucketOwner: '999999999999' },
      'S3_LIST_DENIED',
      /belongs to account 999999999999/,
    ],
    [
      'a role that may not list',
      { roleArn: acme.roleWithoutList },
      'S3_LIST_DENIED',
      /Allow s3:ListBucket on arn:aws:s3:::acme-events in/,
    ],
    ['a disabled key', { encryption: 'kms', kmsKeyId: acme.disabledKey }, 'KMS_KEY_DISABLED', /Enable it/],
    [
      'a key whose policy lets nobody in',
      { encryption: 'kms', kmsKeyId: acme.closedKey },
      'KMS_ACCESS_DENIED',
      /kms:GenerateDataKey/,
    ],
    [
      'a key that does not exist',
      { encryption: 'kms', kmsKeyId: acme.kmsKey.replace('11111111', '99999999') },
      'KMS_KEY_NOT_FOUND',
      /us-west-2/,
    ],
  ] as const
  test.each(cases)('%s', async (_, change, code, message) => {
    await expect(deliver(change, exportFile('part-00000-a.json.gz'))).rejects.toMatchObject({
      name: 'PenstockError',
      kind: 'outside',
      code,
      retryable: false,
      message: expect.stringMatching(message),
    })
    const failed = (await sandbox.requests()).filter(({ status }) => status !== 200)
    expect(failed).toHaveLength(1)
    expect(await inFolder()).toEqual([])
  })

  test('a role without s3:DeleteObject, where something must be deleted', async () => {
    await deliver({ roleArn: acme.roleWithoutDelete }, exportFile('part-00000-a.json.gz'))
    const again = deliver({ roleArn: acme.roleWithoutDelete }, exportFile('part-00000-b.json.gz'))
    await expect(again).rejects.toMatchObject({
      code: 'S3_DELETE_DENIED',
      retryable: false,
      message: expect.stringContaining('Allow s3:DeleteObject on arn:aws:s3:::acme-events/*'),
    })
    expect(await inFolder()).toEqual(['complete', 'part-00000-a.json.gz'])
  })
})
