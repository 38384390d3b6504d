/** What every object is asked to be encrypted with, and whether the answer says that it is. */
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3'
import type { DestinationTarget } from './destination.ts'

type Encryption = Pick<DestinationTarget, 'encryption' | 'kmsKeyId'>
type EncryptionRequest = Pick<
  PutObjectCommandInput,
  'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'
>
type EncryptionAnswer = Pick<PutObjectCommandOutput, 'ServerSideEncryption' | 'SSEKMSKeyId'>

/** `none` sends nothing: the bucket's default encryption applies. */
export function encryptionRequest({ encryption, kmsKeyId }: Encryption): EncryptionRequest {
  if (encryption === 'none') return {}
  if (encryption === 'aes') return { ServerSideEncryption: 'AES256' }
  return {
    ServerSideEncryption: 'aws:kms',
    // Without a bucket key each object costs the customer a request to KMS, for each of its readers as well.
    BucketKeyEnabled: true,
    ...(kmsKeyId === null ? {} : { SSEKMSKeyId: kmsKeyId }),
  }
}

/**
 * Holds the answer against what was asked: a server that stores an object and does not say how it encrypted it must
 * not be believed.
 */
export function confirmsEncryption({ encryption, kmsKeyId }: Encryption, answer: EncryptionAnswer): boolean {
  if (encryption === 'none') return true
  if (encryption === 'aes') return answer.ServerSideEncryption === 'AES256'
  return answer.ServerSideEncryption === 'aws:kms' && confirmsKey(kmsKeyId, answer.SSEKMSKeyId)
}

/** The answer names the key by ARN, however it was asked for; which key an alias stands for only KMS knows. */
function confirmsKey(asked: string | null, answered: string | undefined): boolean {
  if (answered === undefined || answered === '') return false
  if (asked === null || isAlias(asked)) return true
  return answered === asked || (!asked.startsWith('arn:') && answered.endsWith(`:key/${asked}`))
}

function isAlias(keyId: string): boolean {
  return keyId.startsWith('alias/') || /^arn:[^:]+:kms:[^:]*:[^:]*:alias\//.test(keyId)
}
