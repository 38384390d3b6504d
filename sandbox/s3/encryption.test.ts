import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme, acmeOwner, bucketPolicy, exporter, sandboxWorld } from '../../test/support/sandbox-world.ts'
import { type Credentials, type HandmadeAnswer, sendSigned } from '../../test/support/signed-request.ts'
import { type Sandbox, startSandbox } from '../main.ts'

const header = 'x-amz-server-side-encryption'
const keyHeader = `${header}-aws-kms-key-id`
const kms = (keyId?: string) => ({ [header]: 'aws:kms', ...(keyId !== undefined && { [keyHeader]: keyId }) })
const bare = (arn: string) => arn.split('/').at(-1) ?? ''
const stranger: Credentials = { accessKeyId: 'AKIASTRANGER00000001', secretAccessKey: 'stranger' }
const buckets = {
  defaultKms: 'acme-default-kms',
  defaultKey: 'acme-default-key',
  strict: 'acme-strict',
  shared: 'acme-shared',
}
const pendingKey = 'arn:aws:kms:us-west-2:222222222222:key/pending'
const sharedKey = 'arn:aws:kms:us-west-2:222222222222:key/shared'
const elsewhereKey = 'arn:aws:kms:eu-west-1:222222222222:key/elsewhere'

let sandbox: Sandbox
let session: Credentials

beforeAll(async () => {
  const world = sandboxWorld()
  const allow = (principal: string, action: string | string[], resource: string | string[] = '*') => ({
    Statement: { Effect: 'Allow', Principal: { AWS: principal }, Action: action, Resource: resource },
  })
  const bucket = (name: string, rest: object = {}) => ({
    name,
    account: acme.account,
    region: acme.region,
    ...rest,
  })
  const onStrict = { Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${buckets.strict}/*` }
  const strict = {
    Statement: [
      { Effect: 'Deny', ...onStrict, Condition: { StringNotEquals: { [`s3:${header}`]: 'aws:kms' } } },
      {
        Effect: 'Deny',
        ...onStrict,
        Condition: { StringNotEqualsIfExists: { [`s3:${keyHeader}`]: acme.kmsKey } },
      },
      { Effect: 'Deny', ...onStrict, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  }
  const strangers = {
    arn: 'arn:aws:iam::444444444444:user/stranger',
    access_key_id: stranger.accessKeyId,
    secret_access_key: stranger.secretAccessKey,
  }
  sandbox = await startSandbox({
    world: {
      ...world,
      users: [...world.users, strangers],
      buckets: [
        ...world.buckets,
        bucket(buckets.defaultKms, { default_encryption: 'aws:kms' }),
        bucket(buckets.defaultKey, {
          default_encryption: { algorithm: 'aws:kms', kms_key_id: acme.kmsKey, bucket_key: true },
        }),
        bucket(buckets.strict, { policy: strict }),
        bucket(buckets.shared, {
          policy: allow('444444444444', ['s3:PutObject', 's3:GetObject'], `arn:aws:s3:::${buckets.shared}/*`),
        }),
      ],
      keys: [
        ...world.keys,
        { arn: pendingKey, pending_deletion: true },
        { arn: sharedKey, policy: allow('444444444444', 'kms:*') },
        { arn: elsewhereKey },
      ],
    },
  })
  session = await assume({ Policy: JSON.stringify(everything) })
})
afterAll(() => sandbox.close())

const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }

async function assume(more: Record<string, string>): Promise<Credentials> {
  const form = {
    Action: 'AssumeRole',
    RoleArn: acme.role,
    RoleSessionName: 'ab',
    ExternalId: acme.externalId,
    ...more,
  }
  const { text } = await sendSigned(
    sandbox.url,
    { method: 'POST', path: '/', body: new URLSearchParams(form).toString() },
    { credentials: exporter, region: acme.region, service: 'sts' },
  )
  const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? ''
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  }
}

interface Request {
  readonly bucket?: string
  readonly credentials?: Credentials
  readonly method?: string
  readonly key?: string
}

function send(
  headers: Record<string, string>,
  { bucket = acme.bucket, credentials = acmeOwner, method = 'PUT', key = 'k' }: Request = {},
) {
  const body = method === 'PUT' ? { body: 'x' } : {}
  return sendSigned(
    sandbox.url,
    { method, path: `/${bucket}/${key}`, headers, ...body },
    { credentials, region: acme.region },
  )
}

const encryptionOf = ({ status, code, headers }: HandmadeAnswer) =>
  code === undefined ? [headers[header], headers[keyHeader]] : [`${status} ${code}`]

describe('an upload that names a key', () => {
  test.each([
    ['by ARN', acme.kmsKey],
    ['by id', bare(acme.kmsKey)],
    ['by alias', 'alias/events'],
    ["by an alias's ARN", `arn:aws:kms:us-west-2:${acme.account}:alias/events`],
  ])('%s is encrypted with it, and says so by its ARN', async (_, keyId) => {
    expect(encryptionOf(await send(kms(keyId)))).toEqual(['aws:kms', acme.kmsKey])
    expect(encryptionOf(await send({}, { method: 'HEAD' }))).toEqual(['aws:kms', acme.kmsKey])
  })

  test.each([
    ['is disabled', acme.disabledKey, '400 KMS.DisabledException'],
    ['is to be deleted', pendingKey, '400 KMS.KMSInvalidStateException'],
    ['does not exist', `${acme.kmsKey}0`, '400 KMS.NotFoundException'],
    ['is of another region', elsewhereKey, '400 KMS.NotFoundException'],
    ['is an alias of nothing', 'alias/none', '400 KMS.NotFoundException'],
    ['lets only others in', acme.closedKey, '403 AccessDenied'],
  ])('that %s is refused, and nothing is stored', async (_, keyId, refusal) => {
    const key = `refused-${bare(keyId)}`
    // The owner may use every key but by its state; what the closed key refuses is everybody else.
    const credentials = keyId === acme.closedKey ? session : acmeOwner
    expect(encryptionOf(await send(kms(keyId), { credentials, key }))).toEqual([refusal])
    expect((await send({}, { method: 'GET', key })).status).toBe(404)
  })

  test('says that a bucket key is used', async () => {
    const answer = await send({ ...kms(acme.kmsKey), [`${header}-bucket-key-enabled`]: 'true' })
    expect(answer.headers[`${header}-bucket-key-enabled`]).toBe('true')
  })
})

describe('a role that may not use the key', () => {
  test('is denied with the action that it lacks', async () => {
    const credentials = await assume({ Policy: JSON.stringify(bucketPolicy(acme.bucket)) })
    const answer = await send(kms(acme.kmsKey), { credentials })
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
    expect(answer.text).toContain(
      `is not authorized to perform: kms:GenerateDataKey on resource: ${acme.kmsKey} because no session policy allows the kms:GenerateDataKey action`,
    )
  })

  test('does not read what it encrypts, but sees that it is there', async () => {
    await send(kms(acme.closedKey), { key: 'closed' })
    const get = await send({}, { method: 'GET', key: 'closed', credentials: session })
    expect(get).toMatchObject({ status: 403, code: 'AccessDenied' })
    expect(get.text).toContain('kms:Decrypt')
    expect((await send({}, { method: 'HEAD', key: 'closed', credentials: session })).status).toBe(200)
  })
})

describe('an upload that names no key', () => {
  test('uses the key that AWS keeps for the account', async () => {
    const [algorithm, key] = encryptionOf(await send(kms(), { credentials: session }))
    expect(algorithm).toBe('aws:kms')
    expect(key).toMatch(/^arn:aws:kms:us-west-2:222222222222:key\/[0-9a-f-]{36}$/)
    expect(encryptionOf(await send(kms('alias/aws/s3')))).toEqual(['aws:kms', key])
  })

  test('of another account may not use that key, but one that lets it in', async () => {
    const shared = { bucket: buckets.shared, credentials: stranger }
    expect(encryptionOf(await send({}, shared))).toEqual(['AES256', undefined])
    expect(encryptionOf(await send(kms(), shared))).toEqual(['403 AccessDenied'])
    expect(encryptionOf(await send(kms(acme.kmsKey), shared))).toEqual(['403 AccessDenied'])
    expect(encryptionOf(await send(kms(sharedKey), shared))).toEqual(['aws:kms', sharedKey])
  })
})

describe("the bucket's own encryption", () => {
  test('is used where the upload names none', async () => {
    expect(encryptionOf(await send({}))).toEqual(['AES256', undefined])
    expect(encryptionOf(await send({}, { bucket: buckets.defaultKms }))[0]).toBe('aws:kms')
    const withKey = await send({}, { bucket: buckets.defaultKey })
    expect(encryptionOf(withKey)).toEqual(['aws:kms', acme.kmsKey])
    expect(withKey.headers[`${header}-bucket-key-enabled`]).toBe('true')
  })

  test('gives way to what the upload names', async () => {
    const answer = await send({ [header]: 'AES256' }, { bucket: buckets.defaultKey })
    expect(encryptionOf(answer)).toEqual(['AES256', undefined])
  })
})

describe('a bucket whose policy demands encryption', () => {
  test.each<[string, Record<string, string>, number]>([
    ['none', {}, 403],
    ['AES256', { [header]: 'AES256' }, 403],
    ['another key', kms('alias/aws/s3'), 403],
    ['the key that it wants', kms(acme.kmsKey), 200],
    ['the same key by its id', kms(bare(acme.kmsKey)), 200],
  ])('with %s', async (_, headers, status) => {
    expect((await send(headers, { bucket: buckets.strict })).status).toBe(status)
  })
})

describe('encryption headers that can not be', () => {
  test.each<[string, Record<string, string>, string]>([
    ['an algorithm that there is not', { [header]: 'aes256' }, 'PUT'],
    ['a key without aws:kms', { [keyHeader]: acme.kmsKey }, 'PUT'],
    ['a key with AES256', { [header]: 'AES256', [keyHeader]: acme.kmsKey }, 'PUT'],
    ['any of them on a read', { [header]: 'AES256' }, 'GET'],
  ])('are refused: %s', async (_, headers, method) => {
    expect(await send(headers, { method })).toMatchObject({ status: 400, code: 'InvalidArgument' })
  })

  test('are not ignored where the sandbox does not know them: keys of the client', async () => {
    const headers = { [`${header}-customer-algorithm`]: 'AES256' }
    expect(await send(headers)).toMatchObject({ status: 501, code: 'NotImplemented' })
  })
})

test('the ETag is the MD5 of what is put, but not under KMS', async () => {
  const md5 = '"9dd4e461268c8034f5c8564e155c67a6"'
  expect((await send({})).headers.etag).toBe(md5)
  expect((await send(kms(acme.kmsKey))).headers.etag).not.toBe(md5)
})
