/** Server-side encryption: what a request asks for, what the bucket does by itself, and what the answer says. */
import { AwsError } from '../answer.ts'
import { findKey, type KmsKey, requireUsable } from '../kms/key-ring.ts'
import type { AwsRequest } from '../request.ts'
import type { BucketEncryption } from '../world.ts'
import type { ObjectEncryption } from './object-metadata.ts'
import { invalidArgument } from './refusals.ts'
import { bucketArn, objectArn, requireKeyAllowed, type S3Context } from './s3-context.ts'

const algorithmHeader = 'x-amz-server-side-encryption'
const keyHeader = 'x-amz-server-side-encryption-aws-kms-key-id'
const bucketKeyHeader = 'x-amz-server-side-encryption-bucket-key-enabled'

export const encryptionHeaderNames = [algorithmHeader, keyHeader, bucketKeyHeader]

/** The encryption that an upload asks for; null where it leaves it to the bucket. */
function readAskedEncryption(request: AwsRequest): BucketEncryption | null {
  const algorithm = request.headers.get(algorithmHeader)
  const kmsKeyId = request.headers.get(keyHeader) ?? null
  const bucketKey = request.headers.get(bucketKeyHeader)?.toLowerCase() === 'true'
  if (algorithm !== undefined && algorithm !== 'AES256' && algorithm !== 'aws:kms') {
    throw invalidArgument(algorithmHeader, algorithm, 'The encryption method specified is not supported')
  }
  if (kmsKeyId !== null && algorithm !== 'aws:kms') {
    throw invalidArgument(
      algorithmHeader,
      algorithm ?? 'null',
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    )
  }
  return algorithm === undefined ? null : { algorithm, kmsKeyId, bucketKey }
}

/** The condition keys that policies on encryption ask about: what the request says, not what the bucket would do. */
export function encryptionConditions(context: S3Context): [string, string][] {
  const asked = readAskedEncryption(context.request)
  if (asked === null) return []
  const conditions: [string, string][] = [[`s3:${algorithmHeader}`, asked.algorithm]]
  if (asked.kmsKeyId !== null) conditions.push([`s3:${keyHeader}`, keyArnOrId(context, asked.kmsKeyId)])
  return conditions
}

/** Chooses the key for a new object and checks that it can be used; throws what KMS answers where it can't. */
export function encryptNew(context: S3Context, kmsActions: readonly string[]): ObjectEncryption {
  const { algorithm, kmsKeyId, bucketKey } =
    readAskedEncryption(context.request) ?? context.bucket.defaultEncryption
  if (algorithm === 'AES256') return { algorithm, keyArn: null, bucketKey: false }
  const encryption = { algorithm, keyArn: lookUpKey(context, kmsKeyId).arn, bucketKey }
  for (const action of kmsActions) useKey(context, encryption, action)
  return encryption
}

/** Checks that the caller may use an object's key for this; throws what KMS answers where not. */
export function useKey(context: S3Context, encryption: ObjectEncryption, action: string): void {
  if (encryption.keyArn === null) return
  const key = lookUpKey(context, encryption.keyArn)
  const subject = encryption.bucketKey ? bucketArn(context.bucket) : objectArn(context.bucket, context.key)
  requireKeyAllowed(context, action, key, subject)
  requireUsable(key)
}

/** What answers about an object say of its encryption. */
export function encryptionHeaders({
  algorithm,
  keyArn,
  bucketKey,
}: ObjectEncryption): Record<string, string> {
  return {
    [algorithmHeader]: algorithm,
    ...(keyArn !== null && { [keyHeader]: keyArn }),
    ...(bucketKey && { [bucketKeyHeader]: 'true' }),
  }
}

/** Reads are not asked for with encryption headers: AWS refuses them. */
export function refuseEncryptionHeaders(request: AwsRequest): void {
  for (const name of encryptionHeaderNames) {
    const value = request.headers.get(name)
    if (value !== undefined) {
      throw invalidArgument(name, value, `${name} header is not supported for this operation.`)
    }
  }
}

function lookUpKey({ state, bucket, authentication }: S3Context, keyId: string | null): KmsKey {
  return findKey(state.world.current, keyId, {
    region: bucket.region,
    callerAccount: authentication.principal.account,
    bucketAccount: bucket.account,
  })
}

/** Policies name keys by ARN; a key that can't be found is compared as it was sent. */
function keyArnOrId(context: S3Context, keyId: string): string {
  try {
    return lookUpKey(context, keyId).arn
  } catch (error) {
    if (error instanceof AwsError) return keyId
    throw error
  }
}
