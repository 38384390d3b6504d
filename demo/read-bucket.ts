/** The bucket as its owner sees it, and the order in which it was written. */
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { z } from 'zod'
import { bucket, owner } from './world.ts'

export interface BucketObject {
  key: string
  body: Uint8Array
  contentType: string | undefined
  encryption: string | undefined
}

interface BucketChange {
  action: 'PutObject' | 'DeleteObject'
  key: string
}

export interface Bucket {
  /** By key. */
  objects: BucketObject[]
  /** Every object written or deleted, in order. */
  changes: BucketChange[]
}

export async function readBucket(sandboxUrl: string, signal: AbortSignal): Promise<Bucket> {
  const s3 = new S3Client({
    endpoint: sandboxUrl,
    region: bucket.region,
    forcePathStyle: true,
    credentials: { accessKeyId: owner.accessKeyId, secretAccessKey: owner.secretAccessKey },
  })
  try {
    return { objects: await readObjects(s3, signal), changes: await readChanges(sandboxUrl, signal) }
  } finally {
    s3.destroy()
  }
}

async function readObjects(s3: S3Client, abortSignal: AbortSignal): Promise<BucketObject[]> {
  const objects: BucketObject[] = []
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket.name }, { abortSignal })
  for await (const page of pages) {
    for (const { Key = '' } of page.Contents ?? []) {
      const answer = await s3.send(new GetObjectCommand({ Bucket: bucket.name, Key }), { abortSignal })
      objects.push({
        key: Key,
        body: (await answer.Body?.transformToByteArray()) ?? new Uint8Array(),
        contentType: answer.ContentType,
        encryption: answer.ServerSideEncryption,
      })
    }
  }
  return objects
}

const loggedRequest = z.object({
  action: z.string().nullable(),
  key: z.string().nullable(),
  status: z.number().nullable(),
})

/** From the sandbox's log of requests: times in a listing are too coarse to tell what came last. */
async function readChanges(sandboxUrl: string, signal: AbortSignal): Promise<BucketChange[]> {
  const response = await fetch(`${sandboxUrl}/_sandbox/requests`, { signal })
  const lines = (await response.text()).split('\n').slice(0, -1)
  return lines.flatMap((line) => {
    const { action, key, status } = loggedRequest.parse(JSON.parse(line))
    const isChange = action === 'PutObject' || action === 'DeleteObject'
    return isChange && key !== null && (status === 200 || status === 204) ? [{ action, key }] : []
  })
}
