/** What to allow, and where, when S3 denies one action. */

import type { AwsFailure } from '../../aws/aws-failure.ts'
import { outsideError } from '../../aws/outside-error.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget } from './destination.ts'
import type { S3Request } from './s3-request.ts'

const codes = {
  ListBucket: 'S3_LIST_DENIED',
  GetObject: 'S3_GET_DENIED',
  PutObject: 'S3_PUT_DENIED',
  DeleteObject: 'S3_DELETE_DENIED',
} as const

const reasons = {
  ListBucket: 'to see what an earlier export left there',
  GetObject: 'to read back what was written and hold it against the events',
  PutObject: 'to write files and `complete`',
  DeleteObject:
    'to take `complete` away before a folder is written again, and to remove what an earlier export left',
} as const

/**
 * S3 answers the same 403 whether a policy lacks the action, another policy denies it or the bucket is not the expected
 * account's: the message names all three.
 */
export function accessDeniedError(failure: AwsFailure, { action, target, key }: S3Request): PenstockError {
  const { bucket, roleArn, bucketOwner } = target
  const partition = roleArn.split(':')[1] ?? 'aws'
  const resource = `arn:${partition}:s3:::${bucket}${action === 'ListBucket' ? '' : '/*'}`
  const where = action === 'ListBucket' ? `prefix ${key}` : key
  const message = [
    `s3:${action} on bucket ${bucket} (${where}) is denied to role ${roleArn}; it is needed ${reasons[action]}.`,
    `Allow s3:${action} on ${resource} in the role's policy, look for a Deny in the bucket's policy,`,
    `and check that the bucket belongs to account ${bucketOwner}: S3 answers the same when its owner is another.`,
    ...kmsHint(action, target),
  ].join(' ')
  return outsideError(failure, codes[action], message, false)
}

function kmsHint(action: S3Request['action'], { encryption, kmsKeyId }: DestinationTarget): string[] {
  if (action !== 'PutObject' || encryption !== 'kms') return []
  return [
    `Or the KMS key denies it: allow kms:GenerateDataKey and kms:Decrypt on ${kmsKeyId ?? 'the aws/s3 key'}, in the role's policy and the key's.`,
  ]
}
