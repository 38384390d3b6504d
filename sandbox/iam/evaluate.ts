/** What one policy says of one request. */
import { type ConditionContext, conditionsHold } from './condition.ts'
import type { Policy, Selector, Statement } from './policy-document.ts'
import type { Principal } from './principal.ts'
import { matchesWildcard } from './wildcard.ts'

export interface AccessRequest {
  readonly principal: Principal
  readonly action: string
  readonly resource: string
  readonly context: ConditionContext
}

export type Effect = 'Allow' | 'Deny' | null

/** How closely a resource policy named the caller; the difference decides what else must agree. */
export interface ResourceGrant {
  readonly denied: boolean
  /** Allows the user or the session itself. */
  readonly toCaller: boolean
  /** Allows the session's role, or everybody. */
  readonly toRole: boolean
  /** Allows the caller's account, whose own policies then decide. */
  readonly toAccount: boolean
}

/** What identity policies, taken together, say. A Deny wins. */
export function evaluateIdentity(policies: readonly Policy[], request: AccessRequest): Effect {
  const effects = policies.flatMap(({ statements }) =>
    statements.filter((statement) => statementApplies(statement, request)).map(({ effect }) => effect),
  )
  return effects.includes('Deny') ? 'Deny' : (effects[0] ?? null)
}

/** What the policy of a bucket, a key or a role's trust says, and to whom. */
export function evaluateResource(policy: Policy | null, request: AccessRequest): ResourceGrant {
  const applying = (policy?.statements ?? []).filter((statement) => statementApplies(statement, request))
  const allows = (match: PrincipalMatch) =>
    applying.some(
      ({ effect, principals }) =>
        effect === 'Allow' &&
        principals !== null &&
        matchPrincipal(principals, request.principal).includes(match),
    )
  return {
    denied: applying.some(
      ({ effect, principals }) =>
        effect === 'Deny' && principals !== null && matchPrincipal(principals, request.principal).length > 0,
    ),
    toCaller: allows('caller'),
    toRole: allows('role') || allows('anybody'),
    toAccount: allows('account'),
  }
}

function statementApplies(statement: Statement, { action, resource, context }: AccessRequest): boolean {
  return (
    selects(statement.actions, (pattern) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase())) &&
    (statement.resources === null ||
      selects(statement.resources, (pattern) => matchesWildcard(pattern, resource))) &&
    conditionsHold(statement.conditions, context)
  )
}

function selects({ patterns, inverted }: Selector, matches: (pattern: string) => boolean): boolean {
  return patterns.some(matches) !== inverted
}

type PrincipalMatch = 'caller' | 'role' | 'account' | 'anybody'

function matchPrincipal({ patterns, inverted }: Selector, principal: Principal): PrincipalMatch[] {
  const names: Record<PrincipalMatch, readonly (string | null)[]> = {
    caller: [principal.arn],
    role: [principal.roleArn],
    account: [principal.account, `arn:${principal.partition}:iam::${principal.account}:root`],
    anybody: ['*'],
  }
  const matches = (Object.keys(names) as PrincipalMatch[]).filter((match) =>
    names[match].some((name) => name !== null && patterns.includes(name)),
  )
  if (!inverted) return matches
  return matches.length === 0 ? ['anybody'] : []
}
