/** Objects named by `s3://` URLs, read with whatever the AWS SDK finds: environment, profile, role of the machine. */
import type { Readable } from 'node:stream'
import { addAbortSignal } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'

interface StoredObject {
  /** `s3://bucket/key`, the key as it is. */
  url: string
  bytes: number
}

export interface StoredObjects {
  /**
   * The object of this name, or else every object below it, in the order of their keys. Empty ones, such as the markers of
   * folders, are left out.
   */
  find(url: string): Promise<StoredObject[]>
  /** The object's bytes. Where the connection breaks it goes on from there, as long as the object is still the same. */
  open(url: string, signal: AbortSignal): AsyncGenerator<Buffer>
}

/** Tries to go on with an object that give nothing more. */
const attemptsMax = 5
const waitMs = 500

export function isStoredObject(name: string): boolean {
  return name.startsWith('s3://')
}

export function createStoredObjects(env: NodeJS.ProcessEnv): StoredObjects {
  let made: S3Client | undefined
  const client = (): S3Client => {
    made ??= createClient(env)
    return made
  }
  return {
    find: (url) => findObjects(client(), url),
    open: (url, signal) => openObject(client(), url, signal),
  }
}

function createClient({
  AWS_REGION,
  AWS_DEFAULT_REGION,
  AWS_ENDPOINT_URL,
  AWS_ENDPOINT_URL_S3,
}: NodeJS.ProcessEnv) {
  return new S3Client({
    region: AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
    followRegionRedirects: true,
    // Whoever names an endpoint has a server that need not know buckets by host names.
    forcePathStyle: AWS_ENDPOINT_URL !== undefined || AWS_ENDPOINT_URL_S3 !== undefined,
  })
}

async function findObjects(client: S3Client, url: string): Promise<StoredObject[]> {
  const { bucket, key } = parse(url)
  const found: StoredObject[] = []
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: key, ContinuationToken: token }),
    )
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      const object = { url: `s3://${bucket}/${Key}`, bytes: Size }
      if (Key === key) return [object]
      if (Size > 0 && isBelow(Key, key)) found.push(object)
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
  if (found.length === 0) throw new Error('there is no such object, and none below it')
  return found
}

/** `a/b` names what is in `a/b/`, not `a/bc`. */
function isBelow(key: string, prefix: string): boolean {
  return prefix === '' || prefix.endsWith('/') || key[prefix.length] === '/'
}

async function* openObject(client: S3Client, url: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { bucket, key } = parse(url)
  let read = 0
  let etag: string | undefined
  for (let attempts = 0; ; ) {
    const rest = read === 0 ? {} : { Range: `bytes=${read}-`, IfMatch: etag }
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...rest }), {
      abortSignal: signal,
    })
    etag = answer.ETag
    try {
      for await (const chunk of addAbortSignal(signal, answer.Body as Readable)) {
        read += (chunk as Buffer).length
        attempts = 0
        yield chunk as Buffer
      }
      return
    } catch (error) {
      attempts += 1
      if (signal.aborted || attempts === attemptsMax) throw error
      await sleep(waitMs)
    }
  }
}

function parse(url: string): { bucket: string; key: string } {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(url) ?? []
  if (bucket === undefined) throw new Error('it must be s3://BUCKET/KEY or s3://BUCKET/PREFIX/')
  return { bucket, key }
}
