/** A world of three accounts: the exporter's, and two customers who let it in by a role each. */
export const exporter = {
  arn: 'arn:aws:iam::111111111111:user/penstock-export',
  accessKeyId: 'AKIAPENSTOCKEXPORT01',
  secretAccessKey: 'penstock-export-secret-0001',
}
export const acmeOwner = {
  arn: 'arn:aws:iam::222222222222:user/owner',
  accessKeyId: 'AKIAACMEOWNER0000001',
  secretAccessKey: 'acme-owner-secret-0001',
}

export const acme = {
  account: '222222222222',
  region: 'us-west-2',
  bucket: 'acme-events',
  externalId: '0123456789abcdef0123456789abcdef',
  role: 'arn:aws:iam::222222222222:role/penstock-export',
  roleWithoutDelete: 'arn:aws:iam::222222222222:role/penstock-no-delete',
  roleWithoutList: 'arn:aws:iam::222222222222:role/penstock-no-list',
  kmsKey: 'arn:aws:kms:us-west-2:222222222222:key/11111111-2222-3333-4444-555555555555',
  disabledKey: 'arn:aws:kms:us-west-2:222222222222:key/aaaaaaaa-2222-3333-4444-555555555555',
  /** Its policy lets nobody in but the account's owner. */
  closedKey: 'arn:aws:kms:us-west-2:222222222222:key/bbbbbbbb-2222-3333-4444-555555555555',
} as const

export const globex = {
  account: '333333333333',
  region: 'eu-west-1',
  bucket: 'globex-events',
  externalId: 'fedcba9876543210fedcba9876543210',
  role: 'arn:aws:iam::333333333333:role/penstock-export',
} as const

/** The four actions that a customer grants on a bucket, with some left out. */
export function bucketPolicy(bucket: string, without: readonly string[] = []) {
  const actions = ['s3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:DeleteObject']
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: actions.filter((action) => !without.includes(action)),
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    },
  }
}

/** Lets the exporter in that brings the external ID. */
export function trustPolicy(externalId: string) {
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: exporter.arn },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    },
  }
}

const kmsPolicy = {
  Statement: {
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: [acme.kmsKey, acme.disabledKey, acme.closedKey],
  },
}

function user({ arn, accessKeyId, secretAccessKey }: typeof exporter) {
  return { arn, access_key_id: accessKeyId, secret_access_key: secretAccessKey, policies: [] }
}

function acmeRole(arn: string, without: readonly string[] = []) {
  return {
    arn,
    trust_policy: trustPolicy(acme.externalId),
    policies: [bucketPolicy(acme.bucket, without), kmsPolicy],
    max_session_seconds: 3600,
  }
}

/** A fresh copy: a test may change its own. */
export function sandboxWorld() {
  return {
    users: [user(exporter), user(acmeOwner)],
    roles: [
      acmeRole(acme.role),
      acmeRole(acme.roleWithoutDelete, ['s3:DeleteObject']),
      acmeRole(acme.roleWithoutList, ['s3:ListBucket']),
      {
        arn: globex.role,
        trust_policy: trustPolicy(globex.externalId),
        policies: [bucketPolicy(globex.bucket)],
      },
    ],
    buckets: [
      { name: acme.bucket, account: acme.account, region: acme.region, policy: null as object | null },
      { name: globex.bucket, account: globex.account, region: globex.region, policy: null as object | null },
    ],
    keys: [
      { arn: acme.kmsKey as string, enabled: true, aliases: ['alias/events'] },
      { arn: acme.disabledKey, enabled: false },
      {
        arn: acme.closedKey,
        policy: {
          Statement: { Effect: 'Allow', Principal: { AWS: acmeOwner.arn }, Action: 'kms:*', Resource: '*' },
        },
      },
    ],
  }
}

/** A customer with a role for one project: `externalId` is the project's token. */
export interface Customer {
  account: string
  region: string
  bucket: string
  externalId: string
  /** A key of its own that the role may use. */
  kmsKey?: string
}

export function roleOf({ account }: Pick<Customer, 'account'>): string {
  return `arn:aws:iam::${account}:role/example-s3-role`
}

/** Whose keys read a customer's bucket. */
export function ownerOf({ account }: Pick<Customer, 'account'>) {
  return {
    arn: `arn:aws:iam::${account}:user/owner`,
    accessKeyId: `AKIAOWNER${account}`,
    secretAccessKey: `owner-secret-of-${account}`,
  }
}

/** The exporter, and customers of an account each who have set up exactly what they are asked to. */
export function worldOfCustomers(customers: Customer[]) {
  return {
    users: [user(exporter), ...customers.map((customer) => user(ownerOf(customer)))],
    roles: customers.map((customer) => ({
      arn: roleOf(customer),
      trust_policy: trustPolicy(customer.externalId),
      policies: [
        bucketPolicy(customer.bucket),
        ...(customer.kmsKey === undefined ? [] : [keyPolicy(customer.kmsKey)]),
      ],
    })),
    buckets: customers.map(({ bucket, account, region }) => ({ name: bucket, account, region })),
    keys: customers.flatMap(({ kmsKey }) => (kmsKey === undefined ? [] : [{ arn: kmsKey, enabled: true }])),
  }
}

/** The seven actions that a customer grants on a key of theirs. */
function keyPolicy(kmsKey: string) {
  const actions = [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'ReEncryptTo',
    'GenerateDataKeyWithoutPlaintext',
    'DescribeKey',
    'ReEncryptFrom',
  ]
  return {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: actions.map((action) => `kms:${action}`), Resource: kmsKey },
  }
}
