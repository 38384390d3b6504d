/** Segments as objects of an S3 of the operator's own: `<prefix>/<first digits of the id>/<id>.segment`. */
import { randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3'
import { z } from 'zod'
import { readAwsFailure } from '../../../aws/aws-failure.ts'
import { crc32Header } from '../../../aws/crc32-header.ts'
import type { SegmentId } from '../../../ids.ts'
import { workThrough } from '../../../work-through.ts'
import type { BlobStore, SegmentRange, StoreTrouble } from '../blob-store.ts'
import { parseSegmentName, segmentName } from '../segment-name.ts'
import { type ObjectReaderDeps, readObjectRange } from './object-ranges.ts'
import { joinRanges, type RangeSpan, SpanFiller } from './range-spans.ts'
import { createS3StoreClients, idleMsOf, type S3StoreClients } from './s3-store-clients.ts'
import { meaningOf, type S3StoreRequest, unreadable } from './s3-store-errors.ts'
import type { S3StoreOptions } from './s3-store-options.ts'
import { createS3StoreSender, type S3StoreSender } from './s3-store-sender.ts'

/** Requests of one call at once. */
const requestsAtOnce = 16
const lookMsMax = 2000
const rememberedMs = 1000

interface Deps {
  options: S3StoreOptions
  clients: S3StoreClients
  sender: S3StoreSender
  location: string
  keyPrefix: string
  reader: ObjectReaderDeps
}

/** Asks nothing of S3 yet. */
export async function openS3BlobStore(options: S3StoreOptions): Promise<BlobStore> {
  const { bucket, prefix } = options
  const location = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`
  const clients = await createS3StoreClients(options)
  const sender = createS3StoreSender(options, location)
  const idleMs = idleMsOf(options.readMsMax)
  const keyPrefix = prefix === '' ? '' : `${prefix}/`
  const reader = { s3: clients.reading, sender, bucket, location, idleMs }
  const deps: Deps = { options, clients, sender, location, keyPrefix, reader }
  const keyOf = (id: SegmentId) => keyPrefix + segmentName(id)
  const readInto = (key: string, from: number, target: Uint8Array) => readTo(reader, key, from, target)
  return {
    location,
    write: (id, bytes) => writeObject(deps, keyOf(id), bytes),
    read: async (id, offset, length) => {
      const bytes = new Uint8Array(length)
      await readInto(keyOf(id), offset, bytes)
      return bytes
    },
    readInto: (id, offset, target) => readInto(keyOf(id), offset, target),
    readRanges: (ranges) => readRanges(reader, ranges, keyOf),
    stream: (id, offset, length, buffer) => streamRange(reader, keyOf(id), { offset, length }, buffer),
    list: () => listSegments(deps),
    remove: (ids) => removeObjects(deps, ids.map(keyOf)),
    trouble: rememberTrouble(() => lookForTrouble(deps)),
    probe: () => probe(deps),
    close: () => {
      sender.close()
      clients.close()
    },
  }
}

/**
 * One PUT of a known length: it is all there, or not at all. S3 holds what arrives against the hash that the signature
 * covers, and keeps the CRC32. Tried again it writes the same bytes to the same key, so a try whose answer was lost does
 * no harm.
 */
async function writeObject(deps: Deps, key: string, bytes: Uint8Array): Promise<void> {
  const { clients, sender, options, location } = deps
  const request: S3StoreRequest = { action: 'PutObject', key }
  const command = new PutObjectCommand({
    Bucket: options.bucket,
    Key: key,
    // The whole of it at once, not as a stream: the SDK would sign a stream without its hash.
    Body: bytes,
    ContentLength: bytes.length,
    ContentType: 'application/octet-stream',
    ChecksumCRC32: crc32Header(crc32(bytes)),
  })
  try {
    await sender.send(request, async () => checked(await clients.writing.send(command)))
  } catch (error) {
    // It may be there all the same, or arrive yet; nothing names it, and nothing waits for it to go.
    void removeObjects(deps, [key]).catch((err) =>
      options.log.warn({ err, key }, 'event store: a segment that no commit names may be left'),
    )
    throw error
  }

  function checked(answer: PutObjectCommandOutput): void {
    if (answer.ETag === undefined) throw unreadable(request, location, 'no ETag')
  }
}

async function readTo(
  reader: ObjectReaderDeps,
  key: string,
  from: number,
  target: Uint8Array,
): Promise<void> {
  let at = 0
  for await (const chunk of readObjectRange(reader, key, { from, to: from + target.length })) {
    target.set(chunk, at)
    at += chunk.length
  }
}

/** Asked for at once, not when the first chunk is: one that is opened ahead has come when its turn comes. */
function streamRange(
  reader: ObjectReaderDeps,
  key: string,
  { offset, length }: { offset: number; length: number },
  buffer: Uint8Array,
): AsyncIterable<Uint8Array> {
  const unread = new AbortController()
  const range = { from: offset, to: offset + length }
  const chunks = cutChunks(readObjectRange(reader, key, range, unread.signal), buffer.length)
  let first: Promise<IteratorResult<Uint8Array>> | undefined = chunks.next()
  // Its failure is told when its turn comes.
  first.catch(() => undefined)
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => {
      const next = first ?? chunks.next()
      first = undefined
      return next
    },
    return: async () => {
      unread.abort()
      return await chunks.return(undefined)
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

async function* cutChunks(
  chunks: AsyncIterable<Uint8Array>,
  lengthMax: number,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += lengthMax) yield chunk.subarray(at, at + lengthMax)
  }
}

async function readRanges(
  reader: ObjectReaderDeps,
  ranges: readonly SegmentRange[],
  keyOf: (id: SegmentId) => string,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const all = new Uint8Array(ranges.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  const targets = ranges.map(({ offset, length }) => {
    end += length
    return { offset, bytes: all.subarray(end - length, end) }
  })
  await atOnce(joinRanges(ranges), async ({ segmentId, from, to, places }: RangeSpan) => {
    const filler = new SpanFiller(
      from,
      places.map((place) => targets[place] as (typeof targets)[number]),
    )
    for await (const chunk of readObjectRange(reader, keyOf(segmentId), { from, to })) filler.take(chunk)
  })
  return targets.map(({ bytes }) => bytes)
}

const page = z.object({
  // Every listing has it: an answer without is none, and would pass for an empty store.
  IsTruncated: z.boolean(),
  NextContinuationToken: z.string().optional(),
  Contents: z.array(z.object({ Key: z.string(), Size: z.number() })).default([]),
})

async function* listSegments(deps: Deps): AsyncGenerator<{ id: SegmentId; byteLength: number }> {
  const { keyPrefix } = deps
  for (let token: string | undefined; ; ) {
    const { Contents, IsTruncated, NextContinuationToken } = await listPage(deps, { token })
    for (const { Key, Size } of Contents) {
      const id = parseSegmentName(Key.slice(keyPrefix.length))
      if (id !== undefined) yield { id, byteLength: Size }
    }
    if (!IsTruncated) return
    token = NextContinuationToken
  }
}

interface ListedPart {
  token?: string | undefined
  keysMax?: number
}

async function listPage(deps: Deps, part: ListedPart): Promise<z.output<typeof page>> {
  const request: S3StoreRequest = { action: 'ListBucket', key: deps.keyPrefix }
  return await deps.sender.send(request, () => listOnce(deps, request, part))
}

async function listOnce(
  { clients, options, location }: Deps,
  request: S3StoreRequest,
  { token, keysMax }: ListedPart,
  signal?: AbortSignal,
): Promise<z.output<typeof page>> {
  const answer = await clients.writing.send(
    new ListObjectsV2Command({
      Bucket: options.bucket,
      Prefix: request.key,
      ...(token === undefined ? {} : { ContinuationToken: token }),
      ...(keysMax === undefined ? {} : { MaxKeys: keysMax }),
    }),
    signal === undefined ? {} : { abortSignal: signal },
  )
  const parsed = page.safeParse(answer)
  if (!parsed.success || (parsed.data.IsTruncated && parsed.data.NextContinuationToken === undefined))
    throw unreadable(request, location, 'no listing')
  return parsed.data
}

/**
 * One by one: every S3 can do that, each has its own answer, and a removal costs nothing. Once answered, nobody reads it
 * any more; one that is not there is answered alike.
 */
async function removeObjects({ clients, sender, options }: Deps, keys: string[]): Promise<void> {
  await atOnce(keys, async (key) => {
    const command = new DeleteObjectCommand({ Bucket: options.bucket, Key: key })
    await sender.send({ action: 'DeleteObject', key }, () => clients.writing.send(command))
  })
}

/** One look, without tries: whoever asks comes back. */
async function lookForTrouble(deps: Deps): Promise<StoreTrouble | undefined> {
  const request: S3StoreRequest = { action: 'ListBucket', key: deps.keyPrefix }
  try {
    await listOnce(deps, request, { keysMax: 1 }, AbortSignal.timeout(lookMsMax))
    return undefined
  } catch (error) {
    const [words, isTransient] = meaningOf(readAwsFailure(error), request) ?? ['it does not answer', true]
    return { words: `the S3 of the event store: ${words}`, isLasting: !isTransient }
  }
}

/** Anybody may ask whether a process is ready; S3 is asked at most so often for it. */
function rememberTrouble(look: () => Promise<StoreTrouble | undefined>) {
  let last: { atMs: number; found: Promise<StoreTrouble | undefined> } | undefined
  return (): Promise<StoreTrouble | undefined> => {
    const nowMs = performance.now()
    if (last === undefined || nowMs - last.atMs > rememberedMs) last = { atMs: nowMs, found: look() }
    return last.found
  }
}

async function probe(deps: Deps): Promise<void> {
  const key = `${deps.keyPrefix}check-${randomUUID()}`
  const bytes = Buffer.from(key)
  await writeObject(deps, key, bytes)
  await readTo(deps.reader, key, 0, new Uint8Array(bytes.length))
  await listPage(deps, { keysMax: 1 })
  await removeObjects(deps, [key])
}

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  await workThrough({ items, atOnceMax: requestsAtOnce, signal: never, work })
}

const never = new AbortController().signal
