/** One action of the set-up by itself: what to add where the rest is there already. */
import {
  type Grants,
  narrowedPermissionsPolicy,
  type PolicyCondition,
  type PolicyStatement,
  permissionsPolicy,
} from './policies.ts'

/** For the role's policy: one of the actions on bucket and objects, as narrow as the set-up has it. */
export function dataStatement(
  grants: Pick<Grants, 'partition' | 'bucket' | 'prefix'>,
  action: string,
): PolicyStatement {
  const { Statement } = narrowedPermissionsPolicy(grants) ?? permissionsPolicy(grants)
  const granting = Statement.find(({ Action }) => [Action].flat().includes(action))
  const resource = [granting?.Resource ?? []].flat().filter((arn) => isOfKind(arn, action))
  return {
    Sid: statementId(action),
    Effect: 'Allow',
    Action: action,
    Resource: resource.length === 1 ? (resource[0] ?? '') : resource,
    ...(granting?.Condition === undefined ? {} : { Condition: granting.Condition }),
  }
}

/** For the role's policy. A key of which only the alias is known is meant by that. */
export function keyStatement(key: KeyName, actions: readonly string[]): PolicyStatement {
  const [action = '', ...others] = actions
  const grant: Pick<PolicyStatement, 'Sid' | 'Effect' | 'Action'> =
    others.length === 0
      ? { Sid: statementId(action), Effect: 'Allow', Action: action }
      : { Sid: 'PenstockKmsActions', Effect: 'Allow', Action: [...actions] }
  if ('arn' in key) return { ...grant, Resource: key.arn }
  return {
    ...grant,
    Resource: key.aliasArn.replace(/:alias\/.*$/, ':key/*'),
    Condition: {
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': key.aliasArn.replace(/^.*:(?=alias\/)/, '') },
    },
  }
}

export type KeyName = { arn: string } | { aliasArn: string }

/** For a bucket's or a key's own policy: the same, to the role alone. */
export function resourceStatement(statement: PolicyStatement, roleArn: string): PolicyStatement {
  const { Sid, Effect, ...rest } = statement
  return { Sid, Effect, Principal: { AWS: roleArn }, ...rest }
}

/** For Penstock's own policy. */
export function assumeStatement(roleArn: string): PolicyStatement {
  return { Sid: 'PenstockAssumeRole', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn }
}

/** Beside the conditions of a `Deny`: it no longer means the role. */
export function exemption(roleArn: string): PolicyCondition {
  return { ArnNotEquals: { 'aws:PrincipalArn': roleArn } }
}

/** Listing is asked of the bucket, everything else of its objects. */
function isOfKind(arn: string, action: string): boolean {
  return arn.includes('/') === (action !== 's3:ListBucket')
}

/** `s3:PutObject` as IAM allows it in a Sid: letters and digits. */
function statementId(action: string): string {
  return `Penstock${action.replaceAll(/(^|:)\w/g, (start) => start.replace(':', '').toUpperCase())}`
}
