/** Errors of AssumeRole and of the operator's own identity, from AWS's codes to cause and fix. */

import type { AwsFailure } from '../../aws/aws-failure.ts'
import { outsideError } from '../../aws/outside-error.ts'
import { isClockTrouble, isThrottling, isUnavailable } from '../../aws/transient-failure.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'
import { networkError } from './network-errors.ts'

export interface AssumedRole {
  roleArn: string
  region: string
}

const ownCredentialsInvalid = new Set([
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationToken',
])
const ownCredentialsExpired = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'])
const roleDenied = new Set(['AccessDenied', 'AccessDeniedException'])

export function assumeRoleError(failure: AwsFailure, role: AssumedRole): PenstockError {
  const { code, status, network } = failure
  const subject = `AssumeRole of ${role.roleArn} at STS in ${role.region}`
  if (network !== undefined) return networkError(failure, network, subject)
  if (isClockTrouble(failure)) return clockError(failure, subject)
  if (roleDenied.has(code)) return outsideError(failure, 'STS_ROLE_DENIED', deniedInWords(role), false)
  if (code === 'NoSuchEntity' || status === 404)
    return outsideError(
      failure,
      'STS_ROLE_NOT_FOUND',
      `role ${role.roleArn} does not exist. Create it, or create the pipeline again with the right s3_role.`,
      false,
    )
  if (code === 'RegionDisabledException')
    return outsideError(
      failure,
      'STS_REGION_DISABLED',
      `${subject}: STS is not active there for the operator's account. Enable region ${role.region} in that account.`,
      false,
    )
  if (isAboutPolicy(failure)) return sessionPolicyError(failure, subject)
  return ownCredentialsError(failure, subject) ?? otherError(failure, subject)
}

/** AWS's own codes for the parameter Policy; servers that know no session policies have codes of their own, and words. */
function isAboutPolicy({ code, status, said }: AwsFailure): boolean {
  if (/^(MalformedPolicyDocument|PackedPolicyTooLarge)/.test(code)) return true
  return (status === 400 || status === 501) && /\bpolicy\b/i.test(said)
}

function sessionPolicyError(failure: AwsFailure, subject: string): PenstockError {
  return outsideError(
    failure,
    'STS_SESSION_POLICY_REFUSED',
    `${subject}: STS does not take the session policy by which Penstock narrows every session to its pipeline's own bucket, prefix and key. A session that can't be narrowed is never used. AWS takes the policy; where AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_STS names another server, it must be one whose AssumeRole takes the parameter Policy.`,
    false,
  )
}

/** GetCallerIdentity takes no permission: what is wrong here is the operator's identity, or the way to STS. */
export function callerIdentityError(failure: AwsFailure, region: string): PenstockError {
  const subject = `GetCallerIdentity at STS in ${region}`
  if (failure.network !== undefined) return networkError(failure, failure.network, subject)
  if (isClockTrouble(failure)) return clockError(failure, subject)
  return ownCredentialsError(failure, subject) ?? otherError(failure, subject)
}

/** The default chain of the AWS SDK gave no identity to call STS with. */
export function ownCredentialsMissingError(failure: AwsFailure): PenstockError {
  return outsideError(
    failure,
    'OWN_CREDENTIALS_MISSING',
    "Penstock has no AWS identity of its own: the AWS SDK's default chain (environment, profile, web identity, container, instance role) gave none. Configure one of them for this process.",
    // A metadata service that does not answer for a moment looks the same from here as none at all, but for this.
    failure.network !== undefined || failure.status >= 500,
  )
}

/** Clocks are the operator's, whichever service says so. */
export function clockError(failure: AwsFailure, subject: string): PenstockError {
  return outsideError(
    failure,
    'CLOCK_SKEWED',
    `${subject}: this host's clock is too far from AWS's. It is tried again by AWS's clock; set this host's (NTP).`,
    true,
  )
}

function ownCredentialsError(failure: AwsFailure, subject: string): PenstockError | undefined {
  if (ownCredentialsInvalid.has(failure.code))
    return outsideError(
      failure,
      'OWN_CREDENTIALS_INVALID',
      `${subject}: AWS does not know the access key that Penstock itself runs with, or its secret is wrong. Give this process a valid AWS identity.`,
      false,
    )
  if (ownCredentialsExpired.has(failure.code))
    return outsideError(
      failure,
      'OWN_CREDENTIALS_EXPIRED',
      `${subject}: the AWS session that Penstock itself runs with has ended. Give this process an identity that renews itself.`,
      true,
    )
  return undefined
}

function otherError(failure: AwsFailure, subject: string): PenstockError {
  if (isThrottling(failure))
    return outsideError(
      failure,
      'STS_THROTTLED',
      `${subject}: STS asks for fewer requests; tried again.`,
      true,
    )
  if (isUnavailable(failure))
    return outsideError(
      failure,
      'STS_UNAVAILABLE',
      `${subject}: STS has a fault of its own; tried again.`,
      true,
    )
  if (failure.status >= 200 && failure.status < 300)
    return outsideError(
      failure,
      'STS_ANSWER_UNREADABLE',
      `${subject}: the answer broke off or is none of STS's; tried again.`,
      true,
    )
  return outsideError(failure, 'STS_REFUSED', `${subject}: STS does not accept the request.`, false)
}

function deniedInWords({ roleArn }: AssumedRole): string {
  return `role ${roleArn} can't be assumed. Either it does not exist, or its trust policy does not let Penstock's AWS principal in, or it demands another external ID. Trust policy of the role: Allow sts:AssumeRole to that principal with the condition StringEquals sts:ExternalId = the project's token. Policy of the principal: Allow sts:AssumeRole on ${roleArn}.`
}
