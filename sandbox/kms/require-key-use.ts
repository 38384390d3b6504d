import { AwsError } from '../answer.ts'
import { parseArn } from '../arn.ts'
import { authorize } from '../iam/authorize.ts'
import type { Policy } from '../iam/policy-document.ts'
import type { Principal } from '../iam/principal.ts'

export interface KeyUse {
  principal: Principal
  action: string
  key: { readonly arn: string; readonly policy: Policy | null }
  /** Condition keys of the request, by their names in lower case; the caller's account is added. */
  conditions: Map<string, string>
  /** As the service says it that was asked. */
  refusal: { status: number; code: string }
}

/** Throws the refusal where neither the caller's policies nor the key's allow it, or one of them denies it. */
export function requireKeyUse({ principal, action, key, conditions, refusal }: KeyUse): void {
  const verdict = authorize({
    principal,
    action,
    resource: key.arn,
    context: new Map(conditions).set('kms:calleraccount', principal.account),
    resourceAccount: parseArn(key.arn)?.account ?? '',
    resourcePolicy: key.policy,
    resourcePolicyDecides: true,
  })
  if (verdict.allowed) return
  throw new AwsError(
    refusal.status,
    refusal.code,
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${key.arn} ${verdict.reason}`,
  )
}
