/** Who asks KMS, and whether that is allowed. */
import { baseContext } from '../iam/base-context.ts'
import type { AwsRequest } from '../request.ts'
import type { Authentication } from '../sigv4/authenticate.ts'
import type { SandboxState } from '../state.ts'
import type { EncryptionContext } from './ciphertext.ts'
import { findKey, type KmsKey } from './key-ring.ts'
import { requireKeyUse } from './require-key-use.ts'

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
  for (const [name, value] of Object.entries(encryptionContext))
    conditions.set(`kms:encryptioncontext:${name.toLowerCase()}`, value)
  requireKeyUse({
    principal,
    action,
    key,
    conditions,
    refusal: { status: 400, code: 'AccessDeniedException' },
  })
}
