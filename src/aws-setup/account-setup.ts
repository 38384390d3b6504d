import { PenstockError } from '../errors/penstock-error.ts'
import {
  type Grants,
  kmsPolicy,
  narrowedPermissionsPolicy,
  type PolicyDocument,
  permissionsPolicy,
  trustPolicy,
} from './policies.ts'

/** Everything that a customer's account needs, before it is written out in somebody's format. */
export interface AccountSetup {
  roleName: string
  /** On the whole bucket, as Mixpanel's procedure has it. */
  permissionsPolicy: PolicyDocument
  /** On the prefix alone; null without one. */
  narrowedPermissionsPolicy: PolicyDocument | null
  /** Null without a key of the customer's own. */
  kmsPolicy: PolicyDocument | null
  trustPolicy: PolicyDocument
}

/** @throws PenstockError `PRINCIPAL_IN_OTHER_PARTITION`: no role can trust a principal of another partition */
export function accountSetup(grants: Grants, roleName: string): AccountSetup {
  checkPartition(grants)
  return {
    roleName,
    permissionsPolicy: permissionsPolicy(grants),
    narrowedPermissionsPolicy: narrowedPermissionsPolicy(grants),
    kmsPolicy: kmsPolicy(grants),
    trustPolicy: trustPolicy(grants),
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: a partition's identities are its own. */
function checkPartition({ partition, principalArn }: Grants): void {
  if (principalArn.startsWith(`arn:${partition}:`)) return
  throw new PenstockError(
    'caller',
    'PRINCIPAL_IN_OTHER_PARTITION',
    `a role in partition ${partition} can't trust ${principalArn}: run Penstock with an identity of that partition, and name it in PENSTOCK_AWS_PRINCIPAL_ARN`,
  )
}

/** A policy that goes inline into the role. */
export interface RolePolicy {
  name: string
  document: PolicyDocument
}

/** What a template gives the role: the least that exports need. */
export function rolePolicies(setup: AccountSetup): RolePolicy[] {
  const data = { name: 'PenstockData', document: setup.narrowedPermissionsPolicy ?? setup.permissionsPolicy }
  return setup.kmsPolicy === null ? [data] : [data, { name: 'PenstockKey', document: setup.kmsPolicy }]
}

export const roleDescription = "Lets Penstock export one project's events into this account"
