import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { z } from 'zod'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { DestinationTarget, FolderObject } from './destination.ts'

export interface ListedPage {
  objects: FolderObject[]
  /** Of the next page; undefined where this is the last. */
  next: string | undefined
}

/** Far above what an export writes; keeps a bucket that somebody else has filled out of this process's memory. */
const folderObjectsMax = 100_000

const page = z.object({
  // Every listing has it: without, the answer is none, and to take it for an empty folder would leave `complete` there.
  IsTruncated: z.boolean(),
  NextContinuationToken: z.string().optional(),
  EncodingType: z.string().optional(),
  Contents: z.array(z.object({ Key: z.string(), Size: z.number() })).default([]),
})

/** One page of the objects directly under a prefix; `from` is the page before's `next`. */
export async function listPage(
  s3: S3Client,
  target: DestinationTarget,
  prefix: string,
  from: string | undefined,
  signal: AbortSignal,
): Promise<ListedPage> {
  const answer = await s3.send(
    new ListObjectsV2Command({
      Bucket: target.bucket,
      ExpectedBucketOwner: target.bucketOwner,
      Prefix: prefix,
      Delimiter: '/',
      // Somebody else's key may hold characters that XML can't.
      EncodingType: 'url',
      ...(from === undefined ? {} : { ContinuationToken: from }),
    }),
    { abortSignal: signal },
  )
  const parsed = page.safeParse(answer)
  if (!parsed.success || (parsed.data.IsTruncated && parsed.data.NextContinuationToken === undefined))
    throw unreadable(target, prefix)
  const decode = parsed.data.EncodingType === 'url' ? decodeKey : (key: string) => key
  return {
    objects: parsed.data.Contents.map(({ Key, Size }) => ({ key: decode(Key), bytes: Size })),
    next: parsed.data.IsTruncated ? parsed.data.NextContinuationToken : undefined,
  }
}

/** Tells a bucket of another account from one that may not be listed: S3 answers both alike. */
export async function listWithoutOwner(
  s3: S3Client,
  { bucket }: DestinationTarget,
  prefix: string,
  signal: AbortSignal,
): Promise<boolean> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 })
  try {
    await s3.send(command, { abortSignal: signal })
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}

export function checkFolderSize(
  objects: FolderObject[],
  { bucket }: DestinationTarget,
  prefix: string,
): void {
  if (objects.length <= folderObjectsMax) return
  throw new PenstockError(
    'outside',
    'S3_FOLDER_CROWDED',
    `folder ${prefix} of bucket ${bucket} holds more than ${folderObjectsMax} objects, which Penstock did not write. Move them away, or give the pipeline an s3_prefix of its own.`,
  )
}

/** S3 encodes as forms do: a space is `+`. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', '%20'))
}

function unreadable({ bucket, region }: DestinationTarget, prefix: string): PenstockError {
  return new PenstockError(
    'outside',
    'S3_ANSWER_UNREADABLE',
    `ListBucket on bucket ${bucket} in ${region}: the answer for ${prefix} is no listing; tried again.`,
    { retryable: true },
  )
}
