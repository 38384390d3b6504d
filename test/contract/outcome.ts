import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { STSServiceException } from '@aws-sdk/client-sts'
import type { Laboratory } from './laboratory.ts'

export interface Scene {
  readonly lab: Laboratory
  /** Signs with a session of the role that may write. */
  readonly s3: S3Client
  /** This behaviour's own key; others of its own begin with it. */
  readonly key: string
  readonly Bucket: string
}

export interface Behaviour {
  /** What AWS answers, in the words of `act`. */
  readonly aws: string
  readonly act: (scene: Scene) => Promise<string>
}

/** `200`, or what `describe` makes of the answer, or `403 AccessDenied`. */
export async function outcome<Answer>(
  sent: Promise<Answer>,
  describe: (answer: Answer) => unknown = statusOf,
): Promise<string> {
  try {
    return String(await describe(await sent))
  } catch (error) {
    if (!(error instanceof S3ServiceException || error instanceof STSServiceException)) throw error
    const status = error.$metadata.httpStatusCode
    // The answer to HEAD has no body to hold a code.
    return /^(Unknown|NotFound|\d+)/.test(error.name) ? String(status) : `${status} ${error.name}`
  }
}

export async function deleteAll(s3: S3Client, bucket: string, prefix: string): Promise<void> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))
  for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
}

function statusOf(answer: unknown): unknown {
  return (answer as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? answer
}
