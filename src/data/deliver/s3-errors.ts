/** Errors of requests to a bucket, from S3's codes to cause and fix. */

import type { AwsFailure } from '../../aws/aws-failure.ts'
import { outsideError } from '../../aws/outside-error.ts'
import { isClockTrouble, isThrottling, isUnavailable } from '../../aws/transient-failure.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget } from './destination.ts'
import { kmsError } from './kms-errors.ts'
import { networkError } from './network-errors.ts'
import { accessDeniedError } from './s3-denials.ts'
import type { S3Request } from './s3-request.ts'
import { clockError } from './sts-errors.ts'

/** Codes with one meaning whatever was asked: our code, what it says after the subject, retryable. */
const meanings: Record<string, [string, string, boolean]> = {
  NoSuchBucket: [
    'S3_BUCKET_NOT_FOUND',
    'there is no such bucket. Create it, or create the pipeline again with the right s3_bucket.',
    false,
  ],
  ExpiredToken: [
    'S3_SESSION_EXPIRED',
    "the role's session had ended, and so had the one that was got in its place. Compare this host's clock with AWS's.",
    true,
  ],
  InvalidToken: [
    'S3_SESSION_INVALID',
    "S3 does not accept the role's session, nor the one that was got in its place. Check that the role still exists and that its account has the region enabled.",
    false,
  ],
  SignatureDoesNotMatch: [
    'S3_SIGNATURE_REFUSED',
    'the signature does not fit the request that arrived. Check whether a proxy on the way changes requests.',
    false,
  ],
  RequestTimeout: ['S3_REQUEST_TIMED_OUT', 'the body came too slowly or not at all; tried again.', true],
  BadDigest: [
    'S3_CHECKSUM_MISMATCH',
    'what arrived was not what was sent: S3 refused it by its checksum; tried again.',
    true,
  ],
  EntityTooLarge: [
    'S3_FILE_TOO_LARGE',
    'the file is larger than the bucket takes in one request. Lower PENSTOCK_FILE_SIZE_BYTES.',
    false,
  ],
  QuotaExceeded: [
    'S3_QUOTA_EXCEEDED',
    "the bucket's or the account's quota is used up. Raise it or make room.",
    false,
  ],
}
const sameMeaning: Record<string, string> = {
  TokenRefreshRequired: 'ExpiredToken',
  ExpiredTokenException: 'ExpiredToken',
  InvalidAccessKeyId: 'InvalidToken',
  IncompleteBody: 'BadDigest',
  XAmzContentSHA256Mismatch: 'BadDigest',
  InvalidDigest: 'BadDigest',
  InsufficientStorage: 'QuotaExceeded',
  // Without a body S3 can't name its code; the SDK takes the status for one.
  NotFound: 'NoSuchBucket',
}
const elsewhere = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])

export function s3Error(failure: AwsFailure, request: S3Request): PenstockError {
  const { target } = request
  const subject = `${request.action} on bucket ${target.bucket} in ${target.region}`
  if (failure.network !== undefined) return networkError(failure, failure.network, subject)
  if (isElsewhere(failure, target)) return regionError(failure, target)
  if (isClockTrouble(failure)) return clockError(failure, subject)
  return kmsError(failure, target) ?? meaningOf(failure, subject) ?? byStatus(failure, request, subject)
}

function meaningOf(failure: AwsFailure, subject: string): PenstockError | undefined {
  const meaning = meanings[sameMeaning[failure.code] ?? failure.code]
  if (meaning === undefined) return undefined
  const [code, words, retryable] = meaning
  return outsideError(failure, code, `${subject}: ${words}`, retryable)
}

function byStatus(failure: AwsFailure, request: S3Request, subject: string): PenstockError {
  const { status } = failure
  if (isThrottling(failure))
    return outsideError(failure, 'S3_THROTTLED', `${subject}: S3 asks for fewer requests; tried again.`, true)
  if (isUnavailable(failure))
    return outsideError(
      failure,
      'S3_UNAVAILABLE',
      `${subject}: S3 has a fault of its own; tried again.`,
      true,
    )
  if (status === 403) return accessDeniedError(failure, request)
  if (status >= 200 && status < 300)
    return outsideError(
      failure,
      'S3_ANSWER_UNREADABLE',
      `${subject}: the answer is none of S3's; tried again.`,
      true,
    )
  return outsideError(failure, 'S3_REQUEST_REFUSED', `${subject}: S3 does not accept the request.`, false)
}

function isElsewhere({ code, status, bucketRegion }: AwsFailure, target: DestinationTarget): boolean {
  if (elsewhere.has(code) || status === 301) return true
  return status >= 400 && status < 500 && bucketRegion !== undefined && bucketRegion !== target.region
}

function regionError(failure: AwsFailure, { bucket, region }: DestinationTarget): PenstockError {
  const real = failure.bucketRegion === region ? undefined : failure.bucketRegion
  const message =
    real === undefined
      ? `bucket ${bucket} is not in ${region}, as the pipeline says. Look up its region and create the pipeline again with that s3_region.`
      : `bucket ${bucket} is in ${real}; the pipeline says ${region}. Create it again with s3_region=${real}.`
  return outsideError(failure, 'S3_BUCKET_REGION_MISMATCH', message, false)
}
