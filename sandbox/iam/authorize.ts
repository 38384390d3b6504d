/**
 * Puts identity policies, session policy and resource policy together, as
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html says.
 */
import {
  type AccessRequest,
  type Effect,
  evaluateIdentity,
  evaluateResource,
  type ResourceGrant,
} from './evaluate.ts'
import type { Policy } from './policy-document.ts'

export interface AuthorizationQuestion extends AccessRequest {
  readonly resourceAccount: string
  readonly resourcePolicy: Policy | null
  /**
   * Keys and roles: their own policy must allow, or hand the decision to the account. Buckets: within one
   * account the identity's policies are enough.
   */
  readonly resourcePolicyDecides: boolean
}

type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

/** May the caller do this? Where not, `reason` ends the sentence as AWS's messages do. */
export function authorize(question: AuthorizationQuestion): Verdict {
  const { principal } = question
  const session = principal.sessionPolicy && evaluateIdentity([principal.sessionPolicy], question)
  const findings: Findings = {
    identity: evaluateIdentity(principal.identityPolicies, question),
    session,
    sessionAllows: principal.sessionPolicy === null || session === 'Allow',
    grant: evaluateResource(question.resourcePolicy, question),
  }
  const denied = findDeny(findings)
  if (denied !== null) return { allowed: false, reason: `with an explicit deny in ${denied}` }
  const judge = principal.account === question.resourceAccount ? judgeWithinAccount : judgeAcrossAccounts
  const missing = judge(findings, question.resourcePolicyDecides)
  if (missing === null) return { allowed: true }
  return { allowed: false, reason: `because no ${missing} policy allows the ${question.action} action` }
}

interface Findings {
  readonly identity: Effect
  readonly session: Effect
  readonly sessionAllows: boolean
  readonly grant: ResourceGrant
}

/** Which kind of policy it is that does not allow; null where all that must do. */
type Missing = 'identity-based' | 'session' | 'resource-based' | null

function findDeny({ identity, session, grant }: Findings): string | null {
  if (identity === 'Deny') return 'an identity-based policy'
  if (session === 'Deny') return 'a session policy'
  return grant.denied ? 'a resource-based policy' : null
}

function judgeWithinAccount(findings: Findings, resourcePolicyDecides: boolean): Missing {
  const { identity, sessionAllows, grant } = findings
  // A grant to the session itself is not narrowed by the session's policy; one to its role is.
  if (grant.toCaller) return null
  if (grant.toRole) return sessionAllows ? null : 'session'
  if (resourcePolicyDecides && !grant.toAccount) return 'resource-based'
  if (identity !== 'Allow') return 'identity-based'
  return sessionAllows ? null : 'session'
}

/** Both accounts must allow. */
function judgeAcrossAccounts({ identity, sessionAllows, grant }: Findings): Missing {
  if (identity !== 'Allow') return 'identity-based'
  if (!sessionAllows) return 'session'
  return grant.toCaller || grant.toRole || grant.toAccount ? null : 'resource-based'
}
