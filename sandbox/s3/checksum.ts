/** The x-amz-checksum-… of S3: which one a request brings, and its calculation over a stream. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { AwsRequest } from '../request.ts'
import { crc32c, crc64nvme } from './crc.ts'
import { type Checksum, type ChecksumAlgorithm, checksumAlgorithms } from './object-metadata.ts'
import { invalidRequest } from './refusals.ts'

interface RunningChecksum {
  update(chunk: Buffer): void
  digest(): Buffer
}

const byteLengths: Record<ChecksumAlgorithm, number> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
}

export function checksumHeaderName(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return running<number>(0, (value, chunk) => crc32(chunk, value), bigEndian32)
    case 'CRC32C':
      return running<number>(0, (value, chunk) => crc32c(chunk, value), bigEndian32)
    case 'CRC64NVME':
      return running<[number, number]>(
        [0, 0],
        (value, chunk) => crc64nvme(chunk, value),
        ([high, low]) => Buffer.concat([bigEndian32(high), bigEndian32(low)]),
      )
    case 'SHA1':
    case 'SHA256':
      return createHash(algorithm.toLowerCase())
  }
}

/** The checksum that a request promises: its value, or null where it comes in the trailer. */
export interface PromisedChecksum {
  readonly algorithm: ChecksumAlgorithm
  readonly value: string | null
}

export function readPromisedChecksum(request: AwsRequest): PromisedChecksum | null {
  const given = checksumAlgorithms.filter((algorithm) => request.headers.has(checksumHeaderName(algorithm)))
  const trailer = request.headers.get('x-amz-trailer')?.trim().toLowerCase()
  const trailed = checksumAlgorithms.find((algorithm) => checksumHeaderName(algorithm) === trailer)
  if (trailer !== undefined && trailed === undefined) {
    throw invalidRequest('The value specified in the x-amz-trailer header is not supported')
  }
  if (given.length + (trailed === undefined ? 0 : 1) > 1) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  if (trailed !== undefined) return { algorithm: trailed, value: null }
  const [algorithm] = given
  if (algorithm !== undefined) {
    const value = request.headers.get(checksumHeaderName(algorithm)) ?? ''
    requireWellFormed(algorithm, value)
    return { algorithm, value }
  }
  if (request.headers.has('x-amz-sdk-checksum-algorithm')) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  return null
}

export function requireWellFormed(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === byteLengths[algorithm] && bytes.toString('base64') === value) return
  throw invalidRequest(`Value for ${checksumHeaderName(algorithm)} header is invalid.`)
}

/** What answers about an object say of its checksum. */
export function checksumHeaders(checksum: Checksum): Record<string, string> {
  return { [checksumHeaderName(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

function running<Value>(
  start: Value,
  next: (value: Value, chunk: Buffer) => Value,
  encode: (value: Value) => Buffer,
): RunningChecksum {
  let value = start
  return {
    update(chunk) {
      value = next(value, chunk)
    },
    digest: () => encode(value),
  }
}

function bigEndian32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
