/** Who sent a request, proven by its signature. S3, STS and KMS say the same refusals in their own words. */
import type { AwsError } from '../answer.ts'
import { parseArn } from '../arn.ts'
import { identityPolicySchema } from '../iam/policy-document.ts'
import type { Principal } from '../iam/principal.ts'
import type { AwsRequest } from '../request.ts'
import type { SessionClaims, SessionIssuer } from '../sts/session-issuer.ts'
import type { World, WorldUser } from '../world.ts'
import { canonicalRequest } from './canonical-request.ts'
import { requestSignature, sameSignature, scopeText, signingKey } from './signature.ts'
import { readSignedRequest, type SignedRequest, UnreadableSignature } from './signed-request.ts'

const skewMsMax = 15 * 60_000

export interface Authentication {
  readonly principal: Principal
  readonly signed: SignedRequest
  /** For the chunks of a signed stream, which continue the request's own signature. */
  readonly signingKey: Buffer
}

/** How a service answers each kind of refusal. */
export interface Refusals {
  readonly service: 's3' | 'sts' | 'kms'
  unsigned(): AwsError
  unreadable(problem: UnreadableSignature): AwsError
  skewed(signed: SignedRequest, nowMs: number): AwsError
  /** Of a presigned request. */
  expired(signed: SignedRequest, nowMs: number): AwsError
  unknownKey(accessKeyId: string): AwsError
  invalidToken(): AwsError
  expiredToken(): AwsError
  signatureDoesNotMatch(accessKeyId: string, signature: string, canonical: string): AwsError
}

interface Identities {
  readonly world: World
  readonly sessions: SessionIssuer
  readonly nowMs: number
}

/** Verifies a request's signature; throws one of the service's refusals. */
export function authenticate(
  request: AwsRequest,
  payloadHash: string,
  identities: Identities,
  refusals: Refusals,
): Authentication {
  const signed = readSignature(request, refusals)
  refuseWrongTime(signed, identities.nowMs, refusals)
  const { principal, secret } = findIdentity(signed, identities, refusals)
  const key = signingKey(secret, signed.scope)
  const canonical = canonicalRequest(request, signed.signedHeaders, payloadHash)
  if (!sameSignature(requestSignature(key, signed.timestamp, signed.scope, canonical), signed.signature)) {
    throw refusals.signatureDoesNotMatch(signed.accessKeyId, signed.signature, canonical)
  }
  return { principal, signed, signingKey: key }
}

function readSignature(request: AwsRequest, refusals: Refusals): SignedRequest {
  try {
    const signed = readSignedRequest(request)
    if (signed === null) throw refusals.unsigned()
    if (signed.scope.service !== refusals.service) {
      throw new UnreadableSignature(
        signed.form,
        `incorrect service "${signed.scope.service}". This endpoint belongs to "${refusals.service}".`,
      )
    }
    if (signed.scope.date !== signed.timestamp.slice(0, 8)) {
      throw new UnreadableSignature(
        signed.form,
        `Invalid credential date "${signed.scope.date}" in ${scopeText(signed.scope)}. This date is not the same as X-Amz-Date.`,
      )
    }
    return signed
  } catch (error) {
    throw error instanceof UnreadableSignature ? refusals.unreadable(error) : error
  }
}

function refuseWrongTime(signed: SignedRequest, nowMs: number, refusals: Refusals): void {
  const ageMs = nowMs - signed.signedAtMs
  if (signed.expiresSeconds !== null) {
    if (ageMs > signed.expiresSeconds * 1000 || ageMs < -skewMsMax) throw refusals.expired(signed, nowMs)
  } else if (Math.abs(ageMs) > skewMsMax) {
    throw refusals.skewed(signed, nowMs)
  }
}

function findIdentity(signed: SignedRequest, identities: Identities, refusals: Refusals) {
  const user = identities.world.users.find(({ accessKeyId }) => accessKeyId === signed.accessKeyId)
  if (user !== undefined) {
    if (signed.sessionToken !== null) throw refusals.invalidToken()
    return { principal: principalOfUser(user), secret: user.secretAccessKey }
  }
  // Without its token, a session's key is not to be found: what AWS answers too.
  if (signed.sessionToken === null) throw refusals.unknownKey(signed.accessKeyId)
  const session = identities.sessions.open(signed.sessionToken)
  if (session === null || session.credentials.accessKeyId !== signed.accessKeyId)
    throw refusals.invalidToken()
  if (session.claims.expiresAtMs <= identities.nowMs) throw refusals.expiredToken()
  return {
    principal: principalOfSession(session.claims, signed.accessKeyId, identities.world),
    secret: session.credentials.secretAccessKey,
  }
}

function principalOfUser(user: WorldUser): Principal {
  const { account = '', partition = '' } = parseArn(user.arn) ?? {}
  return {
    arn: user.arn,
    userId: `AIDA${user.accessKeyId.slice(-16)}`,
    account,
    partition,
    roleArn: null,
    issuedAtMs: null,
    identityPolicies: user.policies,
    sessionPolicy: null,
  }
}

function principalOfSession(claims: SessionClaims, accessKeyId: string, world: World): Principal {
  const { account = '', partition = '', resource = '' } = parseArn(claims.roleArn) ?? {}
  const roleName = resource.split('/').at(-1) ?? ''
  return {
    arn: `arn:${partition}:sts::${account}:assumed-role/${roleName}/${claims.sessionName}`,
    userId: `AROA${accessKeyId.slice(-16)}:${claims.sessionName}`,
    account,
    partition,
    roleArn: claims.roleArn,
    issuedAtMs: claims.issuedAtMs,
    // A role that is gone from the world leaves its sessions with no rights.
    identityPolicies: world.roles.find(({ arn }) => arn === claims.roleArn)?.policies ?? [],
    sessionPolicy: claims.policy === null ? null : identityPolicySchema.parse(JSON.parse(claims.policy)),
  }
}
