import { describe, expect, test } from 'vitest'
import { parseWorld, WorldError } from './world.ts'

const user = {
  arn: 'arn:aws:iam::111111111111:user/export',
  access_key_id: 'AKIAEXPORT0000000001',
  secret_access_key: 's',
}
const role = { arn: 'arn:aws:iam::222222222222:role/export', trust_policy: {}, policies: [{}] }
const bucket = {
  name: 'acme-raw',
  account: '222222222222',
  region: 'us-west-2',
  policy: null,
  default_encryption: null,
}
const key = { arn: 'arn:aws:kms:us-west-2:222222222222:key/k', policy: {}, enabled: true }
const statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' }

function problems(content: unknown): readonly string[] {
  try {
    parseWorld(content)
    return []
  } catch (error) {
    if (error instanceof WorldError) return error.problems
    throw error
  }
}

describe('a world', () => {
  test('may leave out whatever it does not need', () => {
    expect(parseWorld({})).toMatchObject({
      users: [],
      roles: [],
      buckets: [],
      keys: [],
      minSessionSeconds: 900,
    })
    expect(problems({ users: [user], roles: [role], buckets: [bucket], keys: [key] })).toEqual([])
  })

  test('makes a user without policies, or with none in the list, an administrator; a role is not', () => {
    const world = parseWorld({ users: [user], roles: [role] })
    expect(world.users[0]?.policies).toHaveLength(1)
    expect(world.roles[0]?.policies).toEqual([])
  })

  test('gives a bucket SSE-S3 where it says nothing else', () => {
    const encryption = (value: unknown) =>
      parseWorld({ buckets: [{ ...bucket, default_encryption: value }] }).buckets[0]?.defaultEncryption
    expect(encryption(null)).toMatchObject({ algorithm: 'AES256' })
    expect(encryption('aws:kms')).toMatchObject({ algorithm: 'aws:kms', kmsKeyId: null })
    expect(encryption({ algorithm: 'aws:kms', kms_key_id: key.arn, bucket_key: true })).toEqual({
      algorithm: 'aws:kms',
      kmsKeyId: key.arn,
      bucketKey: true,
    })
  })

  test.each<[string, unknown, RegExp]>([
    ['an unknown part', { user: [] }, /^Unrecognized key: "user"/],
    [
      'a bucket name that is none',
      { buckets: [{ ...bucket, name: 'Acme' }] },
      /^buckets\[0\]\.name: must be a bucket name/,
    ],
    [
      'an ARN of the wrong kind',
      { roles: [{ ...role, arn: user.arn }] },
      /^roles\[0\]\.arn: must be the ARN of a role/,
    ],
    [
      'an account that is none',
      { buckets: [{ ...bucket, account: '12' }] },
      /^buckets\[0\]\.account: .*12 digits/,
    ],
    [
      'a bucket that is there twice',
      { buckets: [bucket, bucket] },
      /^buckets\[1\]\.name: acme-raw is there twice/,
    ],
    [
      'a key of AES256',
      { buckets: [{ ...bucket, default_encryption: { algorithm: 'AES256', kms_key_id: 'k' } }] },
      /kms_key_id goes with/,
    ],
    [
      'a trust policy with a resource',
      { roles: [{ ...role, trust_policy: { Statement: { ...statement, Principal: '*' } } }] },
      /^roles\[0\]\.trust_policy\.Statement\[0\]: must not have a Resource/,
    ],
    [
      'a role policy with a principal',
      { roles: [{ ...role, policies: [{ Statement: { ...statement, Principal: '*' } }] }] },
      /policies\[0\]\.Statement\[0\]: must not have a Principal/,
    ],
    [
      'a condition operator that there is not',
      {
        roles: [
          {
            ...role,
            policies: [{ Statement: { ...statement, Condition: { StringMatches: { 'aws:x': 'y' } } } }],
          },
        ],
      },
      /Condition\.StringMatches: unknown condition operator; allowed: StringEquals/,
    ],
    [
      'an action that is none',
      { roles: [{ ...role, policies: [{ Statement: { ...statement, Action: ['s3'] } }] }] },
      /Statement\[0\]\.Action\[0\]: must be \* or service:Action/,
    ],
    [
      'a statement without an action',
      { roles: [{ ...role, policies: [{ Statement: { Effect: 'Allow', Resource: '*' } }] }] },
      /exactly one of Action and NotAction/,
    ],
    [
      'a principal with a wildcard',
      {
        buckets: [
          {
            ...bucket,
            policy: { Statement: { ...statement, Principal: { AWS: 'arn:aws:iam::111111111111:role/*' } } },
          },
        ],
      },
      /Principal\.AWS\[0\]: must be \*, an account id/,
    ],
    [
      'a policy variable',
      {
        roles: [
          {
            ...role,
            policies: [{ Statement: { ...statement, Resource: `arn:aws:s3:::acme/$\{aws:username}` } }],
          },
        ],
      },
      /policy variables are not supported/,
    ],
  ])('with %s is refused, with the path and what is allowed', (_, content, expected) => {
    expect(problems(content).join('\n')).toMatch(expected)
  })

  test('is refused with all of its problems at once', () => {
    expect(problems({ users: [{ ...user, arn: 'x' }], buckets: [{ ...bucket, region: 'x' }] })).toHaveLength(
      2,
    )
  })
})
