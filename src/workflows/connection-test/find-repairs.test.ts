import { expect, test } from 'vitest'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { s3Error } from '../../data/deliver/s3-errors.ts'
import { findRepairs, type RepairContext } from './find-repairs.ts'

const roleArn = 'arn:aws:iam::222222222222:role/export'
const context: RepairContext = {
  partition: 'aws',
  region: 'us-west-2',
  bucket: 'acme-raw',
  prefix: null,
  roleArn,
  kmsKeyId: null,
  encryption: 'none',
  principalArn: 'arn:aws:iam::111111111111:role/penstock',
  externalId: '0123456789abcdef0123456789abcdef',
}
const target = { ...context, keyPrefix: '42/', sessionName: 'test', bucketOwner: '222222222222' }

function denied(action: 'PutObject' | 'GetObject', message: string) {
  const thrown = Object.assign(new Error(message), {
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
  })
  return s3Error(readAwsFailure(thrown), { action, target, key: 'x' })
}

test('without a word from AWS the action asked for is missing in the role, or the key of the object is', () => {
  const repairs = findRepairs(denied('PutObject', 'Access Denied'), {
    ...context,
    encryption: 'kms',
    kmsKeyId: '11111111-2222-3333-4444-555555555555',
  })
  expect(repairs).toMatchObject([
    { policy: 'role', json: { Action: 's3:PutObject', Resource: 'arn:aws:s3:::acme-raw/*' } },
    {
      policy: 'role',
      json: {
        Action: 'kms:GenerateDataKey',
        Resource: 'arn:aws:kms:us-west-2:222222222222:key/11111111-2222-3333-4444-555555555555',
      },
    },
  ])
})

test('a key that only its alias names is meant by the alias', () => {
  const message =
    'User: x is not authorized to perform: kms:GenerateDataKey on the resource associated with this ciphertext because no identity-based policy allows it'
  const kmsKeyId = 'arn:aws:kms:us-west-2:333333333333:alias/events'
  expect(
    findRepairs(denied('PutObject', message), { ...context, encryption: 'kms', kmsKeyId }),
  ).toMatchObject([
    {
      policy: 'role',
      json: {
        Resource: 'arn:aws:kms:us-west-2:333333333333:key/*',
        Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/events' } },
      },
    },
  ])
})

test.each([
  ['with an explicit deny in a service control policy', 'organization', false],
  ['because no permissions boundary allows the s3:GetObject action', 'boundary', true],
  ['because no VPC endpoint policy allows the s3:GetObject action', 'operator', true],
  ['with an explicit deny in an identity-based policy', 'role', false],
] as const)('a denial %s is mended in the policy of %s', (reason, policy, hasStatement) => {
  const message = `User: x is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::acme-raw/x" ${reason}`
  const repairs = findRepairs(denied('GetObject', message), context)
  expect(repairs).toMatchObject([{ policy }])
  expect(repairs[0]?.json !== null).toBe(hasStatement)
})
