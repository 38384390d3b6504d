import { expect, test } from 'vitest'
import { accountSetup } from './account-setup.ts'
import { awsCommands } from './aws-commands.ts'
import { type Grants, narrowedPermissionsPolicy, permissionsPolicy } from './policies.ts'
import { terraformModule } from './terraform-module.ts'

const grants: Grants = {
  partition: 'aws',
  bucket: 'acme-raw',
  prefix: null,
  kmsKeyArn: null,
  principalArn: 'arn:aws:iam::111111111111:role/penstock',
  externalId: '0123456789abcdef0123456789abcdef',
}

test('the four actions are granted on the bucket and its objects, and nothing else', () => {
  expect(permissionsPolicy(grants).Statement).toEqual([
    expect.objectContaining({
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket'],
      Resource: ['arn:aws:s3:::acme-raw', 'arn:aws:s3:::acme-raw/*'],
    }),
  ])
})

test('a prefix narrows objects and listings, and its special characters stand for themselves', () => {
  const literal = `a\${*}b\${?}c\${$}d`
  const narrowed = narrowedPermissionsPolicy({ ...grants, prefix: 'a*b?c$d' })
  expect(narrowed?.Statement).toMatchObject([
    { Resource: `arn:aws:s3:::acme-raw/${literal}/*` },
    { Condition: { StringLike: { 's3:prefix': `${literal}/*` } } },
  ])
  expect(narrowedPermissionsPolicy(grants)).toBeNull()
})

test.each([
  ['aws-cn', 'arn:aws-cn:iam::111111111111:user/penstock'],
  ['aws-us-gov', 'arn:aws-us-gov:iam::111111111111:user/penstock'],
])('in partition %s every ARN is of it', (partition, principalArn) => {
  const kmsKeyArn = `arn:${partition}:kms:x-y-1:222222222222:key/k`
  const text = JSON.stringify(
    accountSetup({ ...grants, partition, principalArn, kmsKeyArn, prefix: 'p' }, 'r'),
  )
  const partitions = [...text.matchAll(/arn:([a-z-]+):/g)].map(([, found]) => found)
  expect(new Set(partitions)).toEqual(new Set([partition]))
})

test('a principal of another partition is refused: no role could trust it', () => {
  expect(() => accountSetup({ ...grants, partition: 'aws-cn' }, 'r')).toThrow('PENSTOCK_AWS_PRINCIPAL_ARN')
})

test("Terraform's template signs and the shell's quotes are told apart from a policy's", () => {
  const setup = accountSetup({ ...grants, prefix: "it's*" }, 'r')
  expect(terraformModule(setup)).toContain("acme-raw/it's$${*}/*")
  expect(awsCommands(setup)[1]).toContain(`acme-raw/it'\\''s\${*}/*`)
})
