/** A bucket as its owner sees it: what is there, and what is in the files. */
import { Agent } from 'node:http'
import { gunzipSync } from 'node:zlib'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'

export interface BucketAccess {
  url: string
  region: string
  bucket: string
  owner: { accessKeyId: string; secretAccessKey: string }
}

export interface BucketObject {
  key: string
  bytes: number
  etag: string
}

export interface ExportedEvent {
  event: string
  properties: Record<string, unknown>
}

export interface BucketReader {
  /** Every object below the prefix, by key. */
  list(prefix?: string): Promise<BucketObject[]>
  /** An object's bytes and its headers as far as an export sets them. */
  read(key: string): Promise<ReadObject>
  /** The events of every data file below the prefix. */
  events(prefix?: string): Promise<ExportedEvent[]>
  put(key: string, text: string): Promise<void>
  removeAll(prefix: string): Promise<void>
  close(): void
}

interface ReadObject {
  bytes: Buffer
  contentType: string | undefined
  encryption: string | undefined
  kmsKeyId: string | undefined
}

export function openBucket({ url, region, bucket, owner }: BucketAccess): BucketReader {
  const s3 = new S3Client({
    region,
    endpoint: url,
    credentials: owner,
    forcePathStyle: true,
    // A gateway may close a kept connection just as it is used again.
    requestHandler: { httpAgent: new Agent({ keepAlive: false }) },
  })
  const list = (prefix = '') => listAll(s3, bucket, prefix)
  const read = (key: string) => readObject(s3, bucket, key)
  return {
    list,
    read,
    events: async (prefix = '') => {
      const files = (await list(prefix)).filter(({ key }) => key.endsWith('.json.gz'))
      const found: ExportedEvent[][] = []
      for (const { key } of files) found.push(parseEvents((await read(key)).bytes))
      return found.flat()
    },
    put: async (key, text) => {
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentLength: text.length }),
      )
    },
    removeAll: async (prefix) => {
      const keys = (await list(prefix)).map(({ key }) => ({ Key: key }))
      for (let at = 0; at < keys.length; at += 1000) {
        const Delete = { Objects: keys.slice(at, at + 1000), Quiet: true }
        await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }))
      }
    },
    close: () => s3.destroy(),
  }
}

async function listAll(s3: S3Client, bucket: string, prefix: string): Promise<BucketObject[]> {
  const objects: BucketObject[] = []
  let from: string | undefined
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: from }),
    )
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? [])
      objects.push({ key: Key, bytes: Size, etag: ETag })
    from = page.NextContinuationToken
  } while (from !== undefined)
  return objects
}

async function readObject(s3: S3Client, bucket: string, key: string): Promise<ReadObject> {
  const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  return {
    bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []),
    contentType: answer.ContentType,
    encryption: answer.ServerSideEncryption,
    kmsKeyId: answer.SSEKMSKeyId,
  }
}

/** The lines of a gzip file of any number of members; each must be an event. */
function parseEvents(gzip: Buffer): ExportedEvent[] {
  return parseLines(gunzipSync(gzip).toString())
}

/** NDJSON: every line ends with a newline, the last one too. */
export function parseLines(text: string): ExportedEvent[] {
  if (text === '') return []
  if (!text.endsWith('\n')) throw new Error('the last line does not end with a newline')
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as ExportedEvent)
}
