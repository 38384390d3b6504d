/** Takes a request's body in, and holds it against every length, hash and checksum that the request promises. */
import { createHash } from 'node:crypto'
import { AwsError } from '../answer.ts'
import type { AwsRequest } from '../request.ts'
import { decodeChunked } from '../sigv4/chunked-body.ts'
import { checksumHeaderName, readPromisedChecksum, requireWellFormed, startChecksum } from './checksum.ts'
import type { Checksum } from './object-metadata.ts'
import { invalidRequest } from './refusals.ts'
import type { S3Context } from './s3-context.ts'

export interface ReceivedBody {
  readonly size: number
  readonly md5: Buffer
  readonly checksum: Checksum
  /** Did the request bring the checksum, or did S3 add its own? */
  readonly checksumWasSent: boolean
}

interface Promises {
  readonly size: number
  readonly md5: Buffer | null
  readonly isChunked: boolean
}

const putBytesMax = 5 * 1024 ** 3

/** Reads the body into `sink`, and throws where it is not what was promised: then what was taken must be thrown away. */
export async function receiveBody(
  context: S3Context,
  sink: (chunk: Buffer) => Promise<unknown> | unknown,
  byteCountMax = putBytesMax,
): Promise<ReceivedBody> {
  const { request } = context
  const promises = readPromises(request)
  if (promises.size > byteCountMax) throw tooLarge(promises.size, byteCountMax)
  const promised = readPromisedChecksum(request)
  const { bytes, trailers } = openBody(context, promises.isChunked)

  const algorithm = promised?.algorithm ?? 'CRC64NVME'
  const [md5, sha256, checksum] = [createHash('md5'), createHash('sha256'), startChecksum(algorithm)]
  const isHashed = /^[0-9a-f]{64}$/.test(context.payloadHash)
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > promises.size) throw incompleteBody()
    md5.update(chunk)
    if (isHashed) sha256.update(chunk)
    checksum.update(chunk)
    context.record.bytes_in = size
    await sink(chunk)
  }
  if (size !== promises.size) throw incompleteBody()

  const md5Digest = md5.digest()
  if (isHashed) requireSha256(context.payloadHash, sha256.digest('hex'))
  if (promises.md5 !== null && !promises.md5.equals(md5Digest)) {
    throw new AwsError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
  const value = checksum.digest().toString('base64')
  if (promised !== null) {
    const expected = promised.value ?? trailers.get(checksumHeaderName(algorithm))
    if (expected === undefined) throw trailerMissing()
    requireWellFormed(algorithm, expected)
    if (expected !== value) throw badChecksum(algorithm)
  }
  return {
    size,
    md5: md5Digest,
    checksum: { algorithm, value, type: 'FULL_OBJECT' },
    checksumWasSent: promised !== null,
  }
}

export function badChecksum(algorithm: string): AwsError {
  return new AwsError(
    400,
    'BadDigest',
    `The ${algorithm} you specified did not match the calculated checksum.`,
  )
}

function readPromises(request: AwsRequest): Promises {
  const isChunked = (request.headers.get('x-amz-content-sha256') ?? '').startsWith('STREAMING-')
  const length = isChunked
    ? request.headers.get('x-amz-decoded-content-length')
    : request.headers.get('content-length')
  if (length === undefined) {
    throw new AwsError(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.')
  }
  if (!/^\d{1,15}$/.test(length)) throw invalidRequest(`${length} is not a length.`)
  return { size: Number(length), md5: readContentMd5(request), isChunked }
}

function readContentMd5(request: AwsRequest): Buffer | null {
  const text = request.headers.get('content-md5')
  if (text === undefined) return null
  const md5 = Buffer.from(text, 'base64')
  if (md5.length === 16 && md5.toString('base64') === text) return md5
  throw new AwsError(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.')
}

function openBody({ request, payloadHash, authentication }: S3Context, isChunked: boolean) {
  if (!isChunked) return { bytes: request.body, trailers: new Map<string, string>() }
  const isSigned = payloadHash.startsWith('STREAMING-AWS4-')
  const signer = isSigned ? { key: authentication.signingKey, signed: authentication.signed } : null
  return decodeChunked(request.body, signer)
}

function requireSha256(promised: string, calculated: string): void {
  if (promised === calculated) return
  throw new AwsError(
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { fields: { ClientComputedContentSHA256: promised, S3ComputedContentSHA256: calculated } },
  )
}

function tooLarge(size: number, byteCountMax: number): AwsError {
  return new AwsError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    fields: { ProposedSize: String(size), MaxSizeAllowed: String(byteCountMax) },
  })
}

function incompleteBody(): AwsError {
  return new AwsError(
    400,
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  )
}

function trailerMissing(): AwsError {
  return new AwsError(
    400,
    'MalformedTrailerError',
    'The request did not hold the trailer that x-amz-trailer names.',
  )
}
