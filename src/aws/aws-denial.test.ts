/** Sentences as https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html has them. */
import { expect, test } from 'vitest'
import { readAwsDenial } from './aws-denial.ts'

const session =
  'User: arn:aws:sts::222222222222:assumed-role/export/penstock-42 is not authorized to perform:'
const key = 'arn:aws:kms:us-west-2:222222222222:key/11111111-2222-3333-4444-555555555555'

test.each([
  [
    `${session} s3:PutObject on resource: "arn:aws:s3:::acme-raw/a b.gz" because no identity-based policy allows the s3:PutObject action`,
    { action: 's3:PutObject', resource: 'arn:aws:s3:::acme-raw/a b.gz', policy: 'identity', explicit: false },
  ],
  [
    `${session} s3:ListBucket on resource: "arn:aws:s3:::acme-raw" with an explicit deny in a resource-based policy`,
    { action: 's3:ListBucket', resource: 'arn:aws:s3:::acme-raw', policy: 'resource', explicit: true },
  ],
  [
    `${session} kms:Decrypt on resource: ${key} because no resource-based policy allows the kms:Decrypt action`,
    { action: 'kms:Decrypt', resource: key, policy: 'resource', explicit: false },
  ],
  [
    `${session} kms:GenerateDataKey on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    { action: 'kms:GenerateDataKey', resource: undefined, policy: 'resource', explicit: false },
  ],
  [
    `${session} s3:GetObject on resource: "arn:aws:s3:::acme-raw/x" with an explicit deny in a service control policy`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::acme-raw/x', policy: 'organization', explicit: true },
  ],
  [
    `${session} s3:GetObject on resource: "arn:aws:s3:::acme-raw/x" because no permissions boundary allows the s3:GetObject action`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::acme-raw/x', policy: 'boundary', explicit: false },
  ],
  [
    'User: arn:aws:iam::111111111111:user/penstock is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/export',
    {
      action: 'sts:AssumeRole',
      resource: 'arn:aws:iam::222222222222:role/export',
      policy: undefined,
      explicit: false,
    },
  ],
])('%s', (sentence, denial) => {
  expect(readAwsDenial(sentence)).toEqual(denial)
})

test('a denial without a reason tells nothing', () => {
  expect(readAwsDenial('Access Denied')).toBeUndefined()
})
