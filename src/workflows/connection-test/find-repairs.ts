/** From a denial to the statement that ends it, and the policy where it belongs. Pure. */

import type { AwsDenial } from '../../aws/aws-denial.ts'
import { AwsRequestError } from '../../aws/aws-failure.ts'
import {
  assumeStatement,
  dataStatement,
  exemption,
  type KeyName,
  keyStatement,
  resourceStatement,
} from '../../aws-setup/missing-statements.ts'
import { type PolicyStatement, trustPolicy } from '../../aws-setup/policies.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'
import type { Repair } from './tested-step.ts'

export interface RepairContext {
  partition: string
  region: string
  bucket: string
  prefix: string | null
  roleArn: string
  /** ARN, id or alias ARN; null: none is named. */
  kmsKeyId: string | null
  encryption: 'none' | 'aes' | 'kms'
  /** Null where it is not known. */
  principalArn: string | null
  externalId: string
}

/** What was asked when it was denied, where AWS doesn't say. */
const deniedActions: Record<string, string> = {
  S3_LIST_DENIED: 's3:ListBucket',
  S3_GET_DENIED: 's3:GetObject',
  S3_PUT_DENIED: 's3:PutObject',
  S3_DELETE_DENIED: 's3:DeleteObject',
}

/** Empty where no policy is in the way. */
export function findRepairs(error: PenstockError, context: RepairContext): Repair[] {
  const denial = error.cause instanceof AwsRequestError ? error.cause.denial : undefined
  if (error.code === 'STS_ROLE_DENIED' || error.code === 'STS_ROLE_NOT_FOUND')
    return assumeRepairs(denial, context)
  const action = denial?.action ?? deniedActions[error.code]
  if (error.code === 'KMS_ACCESS_DENIED')
    return keyRepairs(denial, [action ?? 'kms:GenerateDataKey'], context)
  if (deniedActions[error.code] === undefined || action === undefined) return []
  return dataRepairs(denial, action, context)
}

/** For actions that are denied for the same reason. */
export function keyActionRepairs(denials: readonly AwsDenial[], context: RepairContext): Repair[] {
  return keyRepairs(
    denials[0],
    denials.map(({ action }) => action),
    context,
  )
}

/** The trust policy that the role must have, whatever it has. */
function trustRepair({ principalArn, externalId, roleArn }: RepairContext): Repair {
  const [statement] = principalArn === null ? [] : trustPolicy({ principalArn, externalId }).Statement
  return {
    policy: 'trust',
    how:
      statement === undefined
        ? `The trust policy of role ${roleArn} must name Penstock's AWS principal, which PENSTOCK_AWS_PRINCIPAL_ARN tells.`
        : `Create role ${roleArn} if it is not there, and give its trust policy this statement:`,
    json: statement ?? null,
  }
}

function assumeRepairs(denial: AwsDenial | undefined, context: RepairContext): Repair[] {
  const trust = trustRepair(context)
  const own: Repair = {
    policy: 'operator',
    how: "Add this statement to the policy of Penstock's own AWS principal:",
    json: assumeStatement(context.roleArn),
  }
  if (denial?.policy === 'identity' && !denial.explicit) return [own]
  // Within one account a role's trust policy is enough; across accounts the principal's own must allow it too.
  return [trust, own]
}

function dataRepairs(denial: AwsDenial | undefined, action: string, context: RepairContext): Repair[] {
  const statement = dataStatement(context, action)
  const repairs = repairsFor('bucket', denial, statement, context)
  const mayBeKey = denial === undefined && action === 's3:PutObject' && context.encryption === 'kms'
  return mayBeKey ? [...repairs, ...keyRepairs(undefined, ['kms:GenerateDataKey'], context)] : repairs
}

function keyRepairs(
  denial: AwsDenial | undefined,
  actions: readonly string[],
  context: RepairContext,
): Repair[] {
  const key = keyName(denial, context)
  if (key === undefined) return []
  const found = repairsFor('key', denial, keyStatement(key, actions), context)
  return found.map((repair) =>
    // A key's policy is about that key alone.
    repair.policy === 'key' && isStatement(repair.json)
      ? { ...repair, json: { ...repair.json, Resource: '*' } }
      : repair,
  )
}

function repairsFor(
  resource: 'bucket' | 'key',
  denial: AwsDenial | undefined,
  statement: PolicyStatement,
  { roleArn }: RepairContext,
): Repair[] {
  const action = [statement.Action].flat().join(', ')
  const inRole: Repair = {
    policy: 'role',
    how: `Add this statement to a policy of role ${roleArn}:`,
    json: statement,
  }
  switch (denial?.policy) {
    case 'resource':
      return [
        denial.explicit
          ? {
              policy: resource,
              how: `A Deny in the ${resource}'s policy forbids ${action} as it was asked. Let the Deny except the role, by this in its Condition:`,
              json: exemption(roleArn),
            }
          : {
              policy: resource,
              how: `Add this statement to the ${resource}'s policy:`,
              json: resourceStatement(statement, roleArn),
            },
      ]
    case 'boundary':
      return [
        {
          policy: 'boundary',
          how: `Add this statement to the permissions boundary of role ${roleArn}:`,
          json: statement,
        },
      ]
    case 'organization':
      return [
        {
          policy: 'organization',
          how: `A policy of the AWS organization forbids ${action} to role ${roleArn}; who manages the organization can except it.`,
          json: null,
        },
      ]
    case 'endpoint':
      return [
        {
          policy: 'operator',
          how: "Add this statement to the policy of the VPC endpoint that Penstock's requests go through:",
          json: resourceStatement(statement, roleArn),
        },
      ]
    case 'identity':
      if (!denial.explicit) return [inRole]
      return [
        {
          policy: 'role',
          how: `A Deny in a policy of role ${roleArn} forbids ${action}; take it out.`,
          json: null,
        },
      ]
    default:
      return [inRole]
  }
}

function keyName(denial: AwsDenial | undefined, context: RepairContext): KeyName | undefined {
  if (denial?.resource !== undefined && /^arn:[^:]+:kms:.*:key\//.test(denial.resource))
    return { arn: denial.resource }
  const { kmsKeyId, partition, region, roleArn } = context
  if (kmsKeyId === null) return undefined
  const account = roleArn.split(':')[4] ?? ''
  if (/:alias\//.test(kmsKeyId)) return { aliasArn: kmsKeyId }
  return {
    arn: kmsKeyId.startsWith('arn:') ? kmsKeyId : `arn:${partition}:kms:${region}:${account}:key/${kmsKeyId}`,
  }
}

function isStatement(json: Repair['json']): json is PolicyStatement {
  return json !== null && 'Effect' in json
}
