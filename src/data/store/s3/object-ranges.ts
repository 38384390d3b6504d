/** Ranges of objects as they come in, each byte once, however often the connection breaks. */
import { addAbortSignal, Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { readAwsFailure } from '../../../aws/aws-failure.ts'
import { segmentEnds, segmentMissing } from '../segment-errors.ts'
import { type S3StoreRequest, unreadable } from './s3-store-errors.ts'
import type { S3StoreSender } from './s3-store-sender.ts'

export interface ObjectReaderDeps {
  s3: S3Client
  sender: S3StoreSender
  bucket: string
  location: string
  /** After which a body that stands still is given up. */
  idleMs: number
}

interface ByteRange {
  from: number
  /** One past the last byte. */
  to: number
}

/**
 * The bytes of a range in chunks of any size. Where a body breaks off, the rest is asked for again; the time that this may
 * take begins anew with every byte.
 * @throws PenstockError `STORE_SEGMENT_MISSING`, `STORE_SEGMENT_CORRUPT` where the object is shorter, `STORE_READ_FAILED`
 */
export async function* readObjectRange(
  deps: ObjectReaderDeps,
  key: string,
  { from, to }: ByteRange,
  signal: AbortSignal = never,
): AsyncGenerator<Uint8Array> {
  const request: S3StoreRequest = { action: 'GetObject', key }
  for (let at = from; at < to; ) {
    const range = { from: at, to }
    const begun = await deps.sender.send(request, () => beginRange(deps, request, range, signal), signal)
    if (begun === 'missing') throw segmentMissing()
    if (begun === 'short') throw segmentEnds(at, to)
    const { first, body } = begun
    try {
      for (let chunk: Uint8Array | undefined = first; chunk !== undefined; ) {
        at += chunk.length
        if (at > to) throw unreadable(request, deps.location, 'more bytes than were asked for')
        yield chunk
        chunk = at < to ? await body.next() : undefined
      }
    } catch (error) {
      // What broke on the way is asked for again from where it did; the consumer's own failures are not caught here.
      if (deps.sender.explain(error, request) === undefined) throw error
    } finally {
      body.close()
    }
  }
}

const never = new AbortController().signal

interface BegunRange {
  first: Uint8Array
  body: ObjectBody
}

/** Asks for a range, up to its first bytes: an answer that never gets further is one that failed. */
async function beginRange(
  deps: ObjectReaderDeps,
  request: S3StoreRequest,
  range: ByteRange,
  signal: AbortSignal,
): Promise<BegunRange | 'missing' | 'short'> {
  const answer = await openRange(deps, request, range, signal)
  if (typeof answer === 'string') return answer
  const { Body: stream } = answer
  if (!(stream instanceof Readable)) throw unreadable(request, deps.location, 'no body')
  const body = new ObjectBody(addAbortSignal(signal, stream), deps.idleMs)
  try {
    if (!coversRange(answer, range)) {
      const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1]
      body.close()
      if (total !== undefined && Number(total) < range.to) return 'short'
      throw unreadable(request, deps.location, `${answer.ContentRange ?? 'no range'} of bytes`)
    }
    const first = await body.next()
    if (first === undefined) throw unreadable(request, deps.location, 'an empty body')
    return { first, body }
  } catch (error) {
    body.close()
    throw error
  }
}

async function openRange(
  { s3, bucket }: ObjectReaderDeps,
  { key }: S3StoreRequest,
  { from, to }: ByteRange,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput | 'missing' | 'short'> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${from}-${to - 1}` })
  try {
    return await s3.send(command, { abortSignal: signal })
  } catch (error) {
    const { code, status, denial } = readAwsFailure(error)
    // Who may read, but may not list the bucket, isn't told of an absence otherwise.
    if (code === 'NoSuchKey' || denial?.action === 's3:ListBucket') return 'missing'
    if (status === 416) return 'short'
    throw error
  }
}

function coversRange(
  { ContentRange, ContentLength }: GetObjectCommandOutput,
  { from, to }: ByteRange,
): boolean {
  if (ContentLength !== to - from) return false
  // A server may answer a range that is all of an object with the object.
  return ContentRange === undefined ? from === 0 : ContentRange.startsWith(`bytes ${from}-${to - 1}/`)
}

/** A body read chunk by chunk, none of which may take longer than the idle time to come. */
class ObjectBody {
  readonly #stream: Readable
  readonly #chunks: NodeJS.AsyncIterator<Uint8Array>
  readonly #idleMs: number

  constructor(stream: Readable, idleMs: number) {
    this.#stream = stream
    this.#chunks = stream.iterator({ destroyOnReturn: true }) as NodeJS.AsyncIterator<Uint8Array>
    this.#idleMs = idleMs
  }

  /** Undefined at its end. */
  async next(): Promise<Uint8Array | undefined> {
    const idle = setTimeout(() => this.#stream.destroy(standsStill()), this.#idleMs)
    try {
      const { done, value } = await this.#chunks.next()
      return done ? undefined : value
    } finally {
      clearTimeout(idle)
    }
  }

  close(): void {
    this.#stream.on('error', () => {})
    this.#stream.destroy()
  }
}

function standsStill(): Error {
  return Object.assign(new Error('the body stands still'), { name: 'TimeoutError' })
}
