/**
 * What is asked for, what the bucket does by itself and what its policy demands, against one another: each destination is
 * tested and exported to, and both agree. The sandbox evaluates policies and keys as AWS does.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { deliverFolder } from '../../src/data/deliver/deliver-folder.ts'
import { createDestinations } from '../../src/data/deliver/destinations.ts'
import {
  type Asked,
  type ConnectionLab,
  type CustomerWorld,
  connectionRole,
  customerWorld,
  foreignKeyArn,
  openConnectionLab,
  without,
} from '../support/connection-lab.ts'
import { exportFile, inOrder } from '../support/export-file.ts'
import { acme, exporter } from '../support/sandbox-world.ts'
import { silentLog } from '../support/silent-log.ts'

let lab: ConnectionLab
let destinations: ReturnType<typeof createDestinations>
beforeAll(async () => {
  lab = await openConnectionLab()
  destinations = createDestinations({
    pathStyle: true,
    allowPlainHttp: false,
    sessionSeconds: 3600,
    log: silentLog,
    env: { AWS_ENDPOINT_URL: lab.url },
    ownCredentials: async () => exporter,
    wait: async () => {},
  })
})
afterAll(async () => {
  destinations.close()
  await lab.close()
})
afterEach(async () => {
  await lab.change(customerWorld())
  await lab.bucket.removeAll('')
})

const folder = 'raw/42/2026/11/24/full_day/'

async function exportTo({ encryption = 'none', kmsKeyId = null }: Asked): Promise<void> {
  const target = {
    bucket: acme.bucket,
    region: acme.region,
    roleArn: connectionRole,
    externalId: acme.externalId,
    keyPrefix: 'raw/42/',
    sessionName: 'encryption-matrix',
    bucketOwner: acme.account,
    encryption,
    kmsKeyId,
  }
  await deliverFolder(destinations.open(target), {
    folder,
    files: inOrder([exportFile('part-00000-a.json.gz')]),
    uploadsMax: 1,
    signal: new AbortController().signal,
    checkpoint: () => {},
  })
}

/** A Deny in the bucket's policy under a condition. */
const deny =
  (condition: Record<string, Record<string, string>>, action = 's3:PutObject') =>
  (world: CustomerWorld): void => {
    const Resource = [`arn:aws:s3:::${acme.bucket}`, `arn:aws:s3:::${acme.bucket}/*`]
    world.bucket.policy = {
      Statement: [{ Effect: 'Deny', Principal: '*', Action: action, Resource, Condition: condition }],
    }
  }
const algorithm = 's3:x-amz-server-side-encryption'
const onlyKms = deny({ StringNotEquals: { [algorithm]: 'aws:kms' } })
const onlyAes = deny({ StringNotEquals: { [algorithm]: 'AES256' } })
const notPlain = deny({ Null: { [algorithm]: 'true' } })
const onlyKey = deny({ StringNotEquals: { [`${algorithm}-aws-kms-key-id`]: acme.kmsKey } })
const onlyTls = deny({ Bool: { 'aws:SecureTransport': 'false' } }, 's3:*')
const defaultKey = ({ bucket }: CustomerWorld): void => {
  bucket.default_encryption = { algorithm: 'aws:kms', kms_key_id: acme.kmsKey, bucket_key: true }
}
const asItIs = (): void => {}

const aes: Asked = { encryption: 'aes' }
const kms = (kmsKeyId: string | null = null): Asked => ({ encryption: 'kms', kmsKeyId })
const keyId = (arn: string) => arn.split('/')[1] ?? ''
const managedKey = expect.stringMatching(/^arn:aws:kms:us-west-2:222222222222:key\//)

type Accepted = [what: string, asked: Asked, world: (world: CustomerWorld) => void, stored: object]
const accepted: Accepted[] = [
  ['nothing is asked', {}, asItIs, { encryption: 'AES256' }],
  [
    'nothing is asked of a bucket with a default key',
    {},
    defaultKey,
    { encryption: 'aws:kms', kmsKeyId: acme.kmsKey },
  ],
  ['aes', aes, asItIs, { encryption: 'AES256' }],
  ['aes, where the bucket has a default key', aes, defaultKey, { encryption: 'AES256' }],
  ["kms, by the account's own key", kms(), asItIs, { encryption: 'aws:kms', kmsKeyId: managedKey }],
  ['kms, by the ARN of a key', kms(acme.kmsKey), asItIs, { encryption: 'aws:kms', kmsKeyId: acme.kmsKey }],
  ['kms, by the id of a key', kms(keyId(acme.kmsKey)), asItIs, { kmsKeyId: acme.kmsKey }],
  [
    'kms, by an alias',
    kms('arn:aws:kms:us-west-2:222222222222:alias/events'),
    asItIs,
    { kmsKeyId: acme.kmsKey },
  ],
  ["kms, by another account's key", kms(foreignKeyArn), asItIs, { kmsKeyId: foreignKeyArn }],
  [
    "kms, by another account's alias",
    kms('arn:aws:kms:us-west-2:333333333333:alias/shared'),
    asItIs,
    { kmsKeyId: foreignKeyArn },
  ],
  ['kms, where the policy demands it', kms(), onlyKms, { encryption: 'aws:kms' }],
  ['kms, where the policy demands that key', kms(acme.kmsKey), onlyKey, { kmsKeyId: acme.kmsKey }],
  ['aes, where the policy demands it', aes, onlyAes, { encryption: 'AES256' }],
  ['aes, where the policy denies what is not encrypted', aes, notPlain, { encryption: 'AES256' }],
  ['aes, where the policy demands TLS', aes, onlyTls, { encryption: 'AES256' }],
]

test.each(accepted)('%s: taken, and every object is as asked', async (_, asked, spoil, stored) => {
  const world = customerWorld()
  spoil(world)
  await lab.change(world)
  const { steps } = await lab.test(asked)
  expect(steps.filter(({ result }) => result !== 'passed')).toEqual([])
  await exportTo(asked)
  await lab.change(customerWorld())
  for (const name of ['complete', 'part-00000-a.json.gz'])
    expect(await lab.bucket.read(`${folder}${name}`)).toMatchObject(stored)
  const puts = (await lab.control.requests()).filter(
    ({ action, key }) => action === 'PutObject' && key?.startsWith(folder),
  )
  for (const { encryption } of puts.slice(-2)) {
    const isBucketKey = encryption['x-amz-server-side-encryption-bucket-key-enabled'] === 'true'
    expect(isBucketKey).toBe(asked.encryption === 'kms')
  }
})

type Refused = [
  what: string,
  asked: Asked,
  world: (world: CustomerWorld) => void,
  step: string,
  code: string,
  found: RegExp,
]
const refused: Refused[] = [
  [
    'nothing, where the policy demands kms',
    {},
    onlyKms,
    'put',
    'S3_PUT_DENIED',
    /takes the object with s3_encryption=kms: /,
  ],
  [
    'aes, where the policy demands kms',
    aes,
    onlyKms,
    'put',
    'S3_PUT_DENIED',
    /takes the object with s3_encryption=kms: /,
  ],
  [
    'kms, where the policy demands aes',
    kms(),
    onlyAes,
    'put',
    'S3_PUT_DENIED',
    /takes the object with s3_encryption=aes: /,
  ],
  [
    'nothing, where the policy denies what is not encrypted',
    {},
    notPlain,
    'put',
    'S3_PUT_DENIED',
    /with s3_encryption=aes, and with s3_encryption=kms/,
  ],
  [
    "kms by the account's key, where the policy demands another",
    kms(),
    onlyKey,
    'put',
    'S3_PUT_DENIED',
    /look for a Deny/,
  ],
  [
    'aes without TLS, where the policy demands it',
    aes,
    (world) => {
      onlyTls(world)
      world.secureTransport = false
    },
    'list',
    'S3_LIST_DENIED',
    /look for a Deny/,
  ],
  [
    "nothing, where the role may not use the bucket's default key",
    {},
    (world) => {
      defaultKey(world)
      without(world, 'kms:GenerateDataKey')
    },
    'key',
    'KMS_ACCESS_DENIED',
    /default KMS key of bucket/,
  ],
  [
    "kms, by another account's key without its account",
    kms(keyId(foreignKeyArn)),
    asItIs,
    'key',
    'KMS_KEY_NOT_FOUND',
    /create the pipeline again/i,
  ],
]

test.each(refused)('%s: refused, and nothing stays', async (_, asked, spoil, step, code, found) => {
  const world = customerWorld()
  spoil(world)
  await lab.change(world)
  const { steps } = await lab.test(asked)
  const failed = steps.filter(({ result }) => result === 'failed')
  expect(failed).toContainEqual(expect.objectContaining({ step, code, found: expect.stringMatching(found) }))
  await expect(exportTo(asked)).rejects.toMatchObject({ code, retryable: false })
  await lab.change(customerWorld())
  expect(await lab.bucket.list()).toEqual([])
})
