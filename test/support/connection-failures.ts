/** What can be wrong with a customer's account, each with the step of the connection test that names it. */
import {
  type Asked,
  type CustomerWorld,
  connectionRole,
  dataActions,
  foreignKeyArn,
  keyActions,
  prefix,
  without,
} from './connection-lab.ts'
import { acme, acmeOwner } from './sandbox-world.ts'

export const withKey: Asked = { encryption: 'kms', kmsKeyId: acme.kmsKey }

/** A grant that is not there, or is taken away. */
interface Missing {
  what: string
  spoil(world: CustomerWorld): void
  asked?: Asked
  step: string
  code: string
  /** What the first repair changes. */
  policy: string
  /** What it holds. */
  json: object
}

export const onKeyPolicy = (...actions: string[]) => ({
  Statement: [
    { Effect: 'Allow', Principal: { AWS: acmeOwner.arn }, Action: 'kms:*', Resource: '*' },
    { Effect: 'Allow', Principal: { AWS: connectionRole }, Action: actions, Resource: '*' },
  ],
})
const deny = (action: string) => ({
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: action,
      Resource: [`arn:aws:s3:::${acme.bucket}`, `arn:aws:s3:::${acme.bucket}/*`],
    },
  ],
})
const exempt = { ArnNotEquals: { 'aws:PrincipalArn': connectionRole } }
const objects = `arn:aws:s3:::${acme.bucket}/${prefix}/*`

const stepsOfActions: Record<string, [step: string, code: string]> = {
  's3:PutObject': ['put', 'S3_PUT_DENIED'],
  's3:GetObject': ['read', 'S3_GET_DENIED'],
  's3:DeleteObject': ['delete', 'S3_DELETE_DENIED'],
  's3:ListBucket': ['list', 'S3_LIST_DENIED'],
}

export const missing: Missing[] = [
  ...dataActions.map((action) => ({
    what: `${action} in the role's policy`,
    spoil: (world: CustomerWorld) => without(world, action),
    step: stepsOfActions[action]?.[0] ?? '',
    code: stepsOfActions[action]?.[1] ?? '',
    policy: 'role',
    json: {
      Effect: 'Allow',
      Action: action,
      Resource: action === 's3:ListBucket' ? `arn:aws:s3:::${acme.bucket}` : objects,
    },
  })),
  ...dataActions.map((action) => ({
    what: `nothing, but a Deny of ${action} in the bucket's policy`,
    spoil: (world: CustomerWorld) => {
      world.bucket.policy = deny(action)
    },
    step: stepsOfActions[action]?.[0] ?? '',
    code: stepsOfActions[action]?.[1] ?? '',
    policy: 'bucket',
    json: exempt,
  })),
  ...['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({
    what: `${action} in the role's policy`,
    spoil: (world: CustomerWorld) => without(world, action),
    asked: withKey,
    step: 'key',
    code: 'KMS_ACCESS_DENIED',
    policy: 'role',
    json: { Effect: 'Allow', Action: action, Resource: acme.kmsKey },
  })),
  ...['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({
    what: `${action} in the key's policy`,
    spoil: (world: CustomerWorld) => {
      world.key.policy = onKeyPolicy(...keyActions.filter((granted) => granted !== action))
    },
    asked: withKey,
    step: 'key',
    code: 'KMS_ACCESS_DENIED',
    policy: 'key',
    json: { Effect: 'Allow', Action: action, Principal: { AWS: connectionRole }, Resource: '*' },
  })),
  {
    what: "kms:GenerateDataKey in the policy of another account's key",
    spoil: (world) => {
      world.foreignKey.policy = onKeyPolicy(
        ...keyActions.filter((granted) => granted !== 'kms:GenerateDataKey'),
      )
    },
    asked: { encryption: 'kms', kmsKeyId: foreignKeyArn },
    step: 'key',
    code: 'KMS_ACCESS_DENIED',
    policy: 'key',
    json: { Action: 'kms:GenerateDataKey', Principal: { AWS: connectionRole } },
  },
  {
    what: 'the principal in the trust policy',
    spoil: (world) => {
      for (const statement of world.role.trust_policy.Statement) statement.Principal = { AWS: acmeOwner.arn }
    },
    step: 'assume role',
    code: 'STS_ROLE_DENIED',
    policy: 'trust',
    json: { Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:ExternalId': acme.externalId } } },
  },
  {
    what: 'the external ID in the trust policy: it demands another',
    spoil: (world) => {
      for (const statement of world.role.trust_policy.Statement)
        statement.Condition = { StringEquals: { 'sts:ExternalId': 'f'.repeat(32) } }
    },
    step: 'assume role',
    code: 'STS_ROLE_DENIED',
    policy: 'trust',
    json: { Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:ExternalId': acme.externalId } } },
  },
]

/** A destination that is not as the pipeline says. */
export const wrong: [
  what: string,
  spoil: (world: CustomerWorld) => void,
  asked: Asked,
  step: string,
  code: string,
  found: RegExp,
][] = [
  [
    'a bucket in another region',
    ({ bucket }) => {
      bucket.region = 'eu-west-1'
    },
    {},
    'region',
    'S3_BUCKET_REGION_MISMATCH',
    /is in eu-west-1; the pipeline says us-west-2/,
  ],
  [
    'a bucket that is not there',
    ({ bucket }) => {
      bucket.name = 'acme-other'
    },
    {},
    'bucket',
    'S3_BUCKET_NOT_FOUND',
    /there is no such bucket/,
  ],
  [
    'a bucket of another account, which lets the role in',
    ({ bucket }) => {
      bucket.account = '333333333333'
      bucket.policy = { Statement: [{ ...deny('s3:*').Statement[0], Effect: 'Allow', Action: 's3:*' }] }
    },
    {},
    'owner',
    'S3_BUCKET_OWNER_MISMATCH',
    /does not belong to account 222222222222/,
  ],
  [
    'a disabled key',
    ({ key }) => {
      key.enabled = false
    },
    withKey,
    'key',
    'KMS_KEY_DISABLED',
    /Enable it/,
  ],
  [
    'a key that is to be deleted',
    ({ key }) => {
      key.pending_deletion = true
    },
    withKey,
    'key',
    'KMS_KEY_STATE_INVALID',
    /Cancel the deletion/,
  ],
  [
    'a key that is not there',
    () => {},
    { encryption: 'kms', kmsKeyId: acme.kmsKey.replace('11111111', '99999999') },
    'key',
    'KMS_KEY_NOT_FOUND',
    /us-west-2/,
  ],
  [
    "another tenant's role, whose ARN somebody knows",
    () => {},
    { externalId: 'e'.repeat(32) },
    'assume role',
    'STS_ROLE_DENIED',
    /sts:ExternalId/,
  ],
]
