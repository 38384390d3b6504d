import { describe, expect, test } from 'vitest'
import { authorize } from './authorize.ts'
import { identityPolicySchema, type Policy, resourcePolicySchema } from './policy-document.ts'
import type { Principal } from './principal.ts'

const owner = '222222222222'
const stranger = '111111111111'
const resource = 'arn:aws:s3:::acme/exports/day.json'

const identity = (effect: 'Allow' | 'Deny', action = 's3:PutObject', on = 'arn:aws:s3:::acme/*') =>
  identityPolicySchema.parse({ Statement: { Effect: effect, Action: action, Resource: on } })
const onResource = (
  effect: 'Allow' | 'Deny',
  principal: unknown,
  rest: object = { Action: '*', Resource: '*' },
) => resourcePolicySchema.parse({ Statement: { Effect: effect, Principal: principal, ...rest } })

const session = (
  account: string,
  sessionPolicy: Policy | null,
  ...identityPolicies: Policy[]
): Principal => ({
  arn: `arn:aws:sts::${account}:assumed-role/export/session`,
  userId: 'AROA:session',
  account,
  partition: 'aws',
  roleArn: `arn:aws:iam::${account}:role/export`,
  issuedAtMs: 0,
  identityPolicies,
  sessionPolicy,
})

interface Case {
  principal: Principal
  policy?: Policy
  decides?: boolean
}

function ask({ principal, policy, decides }: Case): string {
  const verdict = authorize({
    principal,
    action: 's3:PutObject',
    resource,
    context: new Map(),
    resourceAccount: owner,
    resourcePolicy: policy ?? null,
    resourcePolicyDecides: decides ?? false,
  })
  return verdict.allowed ? 'allowed' : verdict.reason
}

const role = { AWS: `arn:aws:iam::${owner}:role/export` }
const noIdentity = 'because no identity-based policy allows the s3:PutObject action'
const noResource = 'because no resource-based policy allows the s3:PutObject action'
const noSession = 'because no session policy allows the s3:PutObject action'

describe('within one account', () => {
  test.each<[string, Case, string]>([
    ['the identity policy is enough', { principal: session(owner, null, identity('Allow')) }, 'allowed'],
    [
      'the bucket policy is enough',
      { principal: session(owner, null), policy: onResource('Allow', role) },
      'allowed',
    ],
    ['nobody allows', { principal: session(owner, null) }, noIdentity],
    [
      'a Deny of the identity wins',
      { principal: session(owner, null, identity('Allow', '*', '*'), identity('Deny')) },
      'with an explicit deny in an identity-based policy',
    ],
    [
      'a Deny of the bucket wins',
      { principal: session(owner, null, identity('Allow')), policy: onResource('Deny', '*') },
      'with an explicit deny in a resource-based policy',
    ],
    [
      'a Deny to somebody else does not matter',
      { principal: session(owner, null, identity('Allow')), policy: onResource('Deny', { AWS: stranger }) },
      'allowed',
    ],
    [
      'a grant to the account leaves it to the identity policy',
      { principal: session(owner, null), policy: onResource('Allow', { AWS: owner }) },
      noIdentity,
    ],
    [
      'a wildcard action matches',
      { principal: session(owner, null, identity('Allow', 's3:Put*')) },
      'allowed',
    ],
    [
      'action names have no case',
      { principal: session(owner, null, identity('Allow', 'S3:putobject')) },
      'allowed',
    ],
    [
      'another resource is not this one',
      { principal: session(owner, null, identity('Allow', 's3:*', 'arn:aws:s3:::acme')) },
      noIdentity,
    ],
    [
      'a session policy narrows the role',
      { principal: session(owner, identity('Allow', 's3:GetObject'), identity('Allow')) },
      noSession,
    ],
    [
      'a session policy gives nothing by itself',
      { principal: session(owner, identity('Allow')) },
      noIdentity,
    ],
    [
      'a session policy narrows what the bucket grants to the role',
      { principal: session(owner, identity('Allow', 's3:GetObject')), policy: onResource('Allow', role) },
      noSession,
    ],
    [
      'a session policy does not narrow what the bucket grants to the session',
      {
        principal: session(owner, identity('Allow', 's3:GetObject')),
        policy: onResource('Allow', { AWS: `arn:aws:sts::${owner}:assumed-role/export/session` }),
      },
      'allowed',
    ],
    [
      'a Deny in the session policy wins',
      { principal: session(owner, identity('Deny'), identity('Allow')) },
      'with an explicit deny in a session policy',
    ],
  ])('%s', (_, question, expected) => {
    expect(ask(question)).toBe(expected)
  })
})

describe('across accounts', () => {
  const bucketAllows = onResource('Allow', { AWS: stranger })
  test.each<[string, Case, string]>([
    [
      'both must allow',
      { principal: session(stranger, null, identity('Allow')), policy: bucketAllows },
      'allowed',
    ],
    [
      'the identity alone is not enough',
      { principal: session(stranger, null, identity('Allow')) },
      noResource,
    ],
    [
      'the bucket alone is not enough',
      { principal: session(stranger, null), policy: bucketAllows },
      noIdentity,
    ],
    [
      'everybody includes other accounts',
      { principal: session(stranger, null, identity('Allow')), policy: onResource('Allow', '*') },
      'allowed',
    ],
  ])('%s', (_, question, expected) => {
    expect(ask(question)).toBe(expected)
  })
})

describe('where the resource policy decides (keys, roles)', () => {
  const principal = session(owner, null, identity('Allow'))
  test.each<[string, Case, string]>([
    [
      'a policy that says nothing of the caller refuses',
      { principal, policy: onResource('Allow', { AWS: stranger }), decides: true },
      noResource,
    ],
    ['no policy refuses', { principal, decides: true }, noResource],
    [
      'a grant to the account lets the identity policy decide',
      { principal, policy: onResource('Allow', { AWS: owner }), decides: true },
      'allowed',
    ],
    [
      'a grant to the account root does too',
      {
        principal: session(owner, null),
        policy: onResource('Allow', { AWS: `arn:aws:iam::${owner}:root` }),
        decides: true,
      },
      noIdentity,
    ],
    [
      'a grant to the role is enough',
      { principal: session(owner, null), policy: onResource('Allow', role), decides: true },
      'allowed',
    ],
  ])('%s', (_, question, expected) => {
    expect(ask(question)).toBe(expected)
  })
})

describe('inverted parts of a statement', () => {
  const allowed = session(owner, null, identity('Allow'))
  test.each<[string, Case, string]>([
    [
      'NotAction: all other actions',
      {
        principal: session(
          owner,
          null,
          identityPolicySchema.parse({
            Statement: { Effect: 'Allow', NotAction: 's3:DeleteObject', Resource: '*' },
          }),
        ),
      },
      'allowed',
    ],
    [
      'NotResource: all other resources',
      {
        principal: session(
          owner,
          null,
          identityPolicySchema.parse({
            Statement: { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::acme/exports/*' },
          }),
        ),
      },
      noIdentity,
    ],
    [
      'NotPrincipal in a Deny spares who is named',
      {
        principal: allowed,
        policy: resourcePolicySchema.parse({
          Statement: { Effect: 'Deny', NotPrincipal: role, Action: '*', Resource: '*' },
        }),
      },
      'allowed',
    ],
    [
      'NotPrincipal in a Deny meets everybody else',
      {
        principal: allowed,
        policy: resourcePolicySchema.parse({
          Statement: { Effect: 'Deny', NotPrincipal: { AWS: stranger }, Action: '*', Resource: '*' },
        }),
      },
      'with an explicit deny in a resource-based policy',
    ],
  ])('%s', (_, question, expected) => {
    expect(ask(question)).toBe(expected)
  })
})
