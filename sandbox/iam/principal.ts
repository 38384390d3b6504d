import type { Policy } from './policy-document.ts'

/** Who signed a request: a user, or a session of a role. */
export interface Principal {
  /** As conditions and messages name it: the user's ARN, or `arn:aws:sts::…:assumed-role/role/session`. */
  readonly arn: string
  readonly userId: string
  readonly account: string
  readonly partition: string
  /** The role that the session is of; null for a user. */
  readonly roleArn: string | null
  /** When the session began; null for a user. */
  readonly issuedAtMs: number | null
  readonly identityPolicies: readonly Policy[]
  /** The inline policy that the session was begun with: it narrows what the role may. */
  readonly sessionPolicy: Policy | null
}
