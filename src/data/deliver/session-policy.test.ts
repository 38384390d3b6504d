import { expect, test } from 'vitest'
import { matchesWildcard } from '../../../sandbox/iam/wildcard.ts'
import { type NarrowedTarget, sessionPolicies } from './session-policy.ts'

const target: NarrowedTarget = {
  bucket: 'acme-raw',
  keyPrefix: 'raw/42/',
  region: 'us-west-2',
  roleArn: 'arn:aws:iam::222222222222:role/export',
  kmsKeyId: null,
}

function statementsOf(policy: string) {
  const { Version, Statement } = JSON.parse(policy)
  expect(Version).toBe('2012-10-17')
  const [objects, listing, key] = Statement
  return { objects, listing, key, prefixes: listing.Condition.StringLike['s3:prefix'] as string }
}

test('a session reaches what is below its prefix in its bucket, and keys through S3', () => {
  const { objects, listing, key } = statementsOf(sessionPolicies(target)[0])
  expect(objects).toEqual({
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
    Resource: 'arn:aws:s3:::acme-raw/raw/42/*',
  })
  expect(listing).toEqual({
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::acme-raw',
    Condition: { StringLike: { 's3:prefix': 'raw/42/*' } },
  })
  expect(key).toMatchObject({
    Resource: 'arn:aws:kms:us-west-2:*:key/*',
    Condition: { StringLike: { 'kms:ViaService': 's3.us-west-2.amazonaws.com*' } },
  })
})

const ofKey = 'arn:aws:kms:us-west-2:222222222222:key/1234'
test.each([
  ['an ARN', ofKey, '1234'],
  ["another account's ARN", 'arn:aws:kms:us-west-2:333333333333:key/9', '9'],
  ['an id', '1234', '1234'],
  ['the id of a multi-Region key', 'mrk-12', 'mrk-12'],
  ['an alias, whose key only AWS knows', 'arn:aws:kms:us-west-2:333333333333:alias/events', '*'],
])('a key by %s', (_, kmsKeyId, id) => {
  const { key } = statementsOf(sessionPolicies({ ...target, kmsKeyId })[0])
  expect(key.Resource).toBe(`arn:aws:kms:us-west-2:*:key/${id}`)
})

test.each([
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
])('in partition %s every ARN is of it', (partition, region) => {
  const roleArn = `arn:${partition}:iam::222222222222:role/export`
  const [policy] = sessionPolicies({ ...target, roleArn, region, kmsKeyId: '1234' })
  const arns = policy.match(/arn:[^"]+/g) ?? []
  expect(arns).toHaveLength(3)
  for (const arn of arns) expect(arn).toMatch(new RegExp(`^arn:${partition}:(s3|kms):`))
})

test.each([
  ['of 800 letters', 'x'.repeat(800)],
  ['of 800 letters that policies read as patterns', '*'.repeat(800)],
  ['of quotation marks', '"\\'.repeat(400)],
  ['of letters outside ASCII', 'ü漢'.repeat(160)],
  ['of characters that take two escapes', 'a😀'.repeat(160)],
])('a prefix %s: the policy keeps to what AWS takes, and still covers every key', (_, prefix) => {
  const keyPrefix = `${prefix}/4294967296/`
  for (const policy of sessionPolicies({ ...target, keyPrefix, kmsKeyId: ofKey })) {
    expect(policy.length).toBeLessThanOrEqual(2048)
    expect(policy).toMatch(/^[ -~]+$/)
    const { objects, prefixes } = statementsOf(policy)
    expect(
      matchesWildcard(objects.Resource, `arn:aws:s3:::acme-raw/${keyPrefix}2026/11/24/full_day/complete`),
    ).toBe(true)
    expect(matchesWildcard(prefixes, `${keyPrefix}2026/11/24/full_day/`)).toBe(true)
  }
})

test('a prefix with special characters stays narrow', () => {
  const { objects, prefixes } = statementsOf(sessionPolicies({ ...target, keyPrefix: 'a*b/$' })[0])
  expect(objects.Resource).toBe('arn:aws:s3:::acme-raw/a?b/?*')
  expect(prefixes).toBe('a?b/?*')
})

test('the second is for where AWS has no room for the first: the bucket, and every prefix of it', () => {
  const [, bare] = sessionPolicies(target)
  const { objects, prefixes } = statementsOf(bare)
  expect(objects.Resource).toBe('arn:aws:s3:::acme-raw/*')
  expect(prefixes).toBe('*')
})
