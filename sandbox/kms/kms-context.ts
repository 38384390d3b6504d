/** Who asks KMS, and whether that is allowed. */
import { AwsError } from '../answer.ts'
import { parseArn } from '../arn.ts'
import { authorize } from '../iam/authorize.ts'
import { baseContext } from '../iam/base-context.ts'
import type { AwsRequest } from '../request.ts'
import type { Authentication } from '../sigv4/authenticate.ts'
import type { SandboxState } from '../state.ts'
import type { EncryptionContext } from './ciphertext.ts'
import { findKey, type KmsKey } from './key-ring.ts'

export interface KmsContext {
  readonly state: SandboxState
  readonly request: AwsRequest
  readonly authentication: Authentication
}

/** The key that an ARN, an id or an alias means to this caller. */
export function askedKey({ state, authentication }: KmsContext, keyId: string): KmsKey {
  const { principal, signed } = authentication
  const { account } = principal
  return findKey(state.world.current, keyId, {
    region: signed.scope.region,
    callerAccount: account,
    bucketAccount: account,
  })
}

/** Throws `AccessDeniedException` where the caller may not do this with the key by itself, without S3 in between. */
export function requireKeyAction(
  { state, request, authentication: { principal } }: KmsContext,
  action: string,
  key: KmsKey,
  encryptionContext: EncryptionContext = {},
): void {
  const conditions = baseContext(request, principal, state.world.current, state.nowMs())
  conditions.set('kms:calleraccount', principal.account)
  for (const [name, value] of Object.entries(encryptionContext))
    conditions.set(`kms:encryptioncontext:${name.toLowerCase()}`, value)
  const verdict = authorize({
    principal,
    action,
    resource: key.arn,
    context: conditions,
    resourceAccount: parseArn(key.arn)?.account ?? '',
    resourcePolicy: key.policy,
    resourcePolicyDecides: true,
  })
  if (verdict.allowed) return
  throw new AwsError(
    400,
    'AccessDeniedException',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${key.arn} ${verdict.reason}`,
  )
}
