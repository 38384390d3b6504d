/** Errors that KMS raises behind S3: the object could not be encrypted. */

import type { AwsFailure } from '../../aws/aws-failure.ts'
import { outsideError } from '../../aws/outside-error.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget } from './destination.ts'

/** Undefined where KMS has no part in the failure. */
export function kmsError(failure: AwsFailure, target: DestinationTarget): PenstockError | undefined {
  const code = kmsCode(failure)
  if (code === undefined) return undefined
  const key = keyInWords(target)
  switch (code) {
    case 'DisabledException':
      return outsideError(
        failure,
        'KMS_KEY_DISABLED',
        `${key} is disabled. Enable it in KMS, or create the pipeline again with another key.`,
        false,
      )
    case 'NotFoundException':
      return outsideError(
        failure,
        'KMS_KEY_NOT_FOUND',
        `${key} was not found in ${target.region}, where bucket ${target.bucket} is and where the key must be. Create the pipeline again with s3_kms_key_id set to a key of that region.`,
        false,
      )
    case 'KMSInvalidStateException':
      return outsideError(
        failure,
        'KMS_KEY_STATE_INVALID',
        `${key} can't be used in its state: pending deletion, or its material not imported. Cancel the deletion, or create the pipeline again with another key.`,
        false,
      )
    case 'AccessDeniedException':
      return outsideError(failure, 'KMS_ACCESS_DENIED', deniedInWords(key, target), false)
    case 'ThrottlingException':
      return outsideError(failure, 'KMS_THROTTLED', `${key}: KMS asks for fewer requests; tried again.`, true)
    default:
      return outsideError(
        failure,
        'KMS_REFUSED',
        `${key} could not be used to encrypt.`,
        failure.status >= 500,
      )
  }
}

function kmsCode({ code, status, said }: AwsFailure): string | undefined {
  if (code.startsWith('KMS.')) return code.slice('KMS.'.length)
  // Ceph's gateway has no code of its own for a key that it can't find: its sentence alone tells.
  if (code === 'InvalidAccessKeyId' && said.includes('kms-keyid')) return 'NotFoundException'
  // S3 passes KMS's denial on as its own `AccessDenied`; only the sentence tells which action of which service it was.
  if (status === 403 && code === 'AccessDenied' && /\bkms:[A-Z]/.test(said)) return 'AccessDeniedException'
  return undefined
}

function deniedInWords(key: string, { roleArn, kmsKeyId }: DestinationTarget): string {
  const resource = kmsKeyId ?? "the bucket's default key"
  return `${key}: role ${roleArn} may not use it. Allow kms:GenerateDataKey and kms:Decrypt on ${resource}, with the other KMS actions of the setup, in the role's policy and, where the key's policy does not leave it to IAM or the key is another account's, in the key policy too.`
}

function keyInWords({ kmsKeyId, bucket, encryption }: DestinationTarget): string {
  if (kmsKeyId !== null) return `KMS key ${kmsKeyId}`
  return encryption === 'kms' ? `the account's KMS key aws/s3` : `the default KMS key of bucket ${bucket}`
}
