import { Readable } from 'node:stream'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget, StoredObject } from './destination.ts'
import { confirmsEncryption } from './encryption.ts'

/** Reads an object of known length; undefined where there is none. */
export async function readObject(
  s3: S3Client,
  target: DestinationTarget,
  key: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const command = new GetObjectCommand({
    Bucket: target.bucket,
    Key: key,
    ExpectedBucketOwner: target.bucketOwner,
  })
  const answer = await s3.send(command, { abortSignal: signal }).catch((error: unknown) => {
    const { code, denial } = readAwsFailure(error)
    // Who may read, but may not list all of the bucket, isn't told of an absence otherwise.
    if (code === 'NoSuchKey' || denial?.action === 's3:ListBucket') return undefined
    throw error
  })
  if (answer === undefined) return undefined
  // Without its length it could be anything; a listing tells it of every object.
  if (answer.Body === undefined || answer.ContentLength === undefined || answer.ContentLength > bytesMax) {
    if (answer.Body instanceof Readable) answer.Body.destroy()
    throw new PenstockError(
      'outside',
      'S3_ANSWER_UNREADABLE',
      `GetObject on bucket ${target.bucket} in ${target.region}: found ${answer.ContentLength ?? 'an unknown number of'} bytes at ${key}, expected at most ${bytesMax}; tried again.`,
      { retryable: true },
    )
  }
  return {
    bytes: await answer.Body.transformToByteArray(),
    isEncryptedAsAsked: confirmsEncryption(target, answer),
  }
}
