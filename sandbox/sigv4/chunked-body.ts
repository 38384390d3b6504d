/**
 * The aws-chunked body: pieces that may each be signed, then headers that come last.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 */
import { createHash } from 'node:crypto'
import { AwsError } from '../answer.ts'
import { ByteReader } from './byte-reader.ts'
import { hmac, sameSignature, scopeText, sha256Hex } from './signature.ts'
import type { SignedRequest } from './signed-request.ts'

const chunkBytesMin = 8192
const lineBytesMax = 8192
const emptyHash = sha256Hex('')

export interface ChunkedBody {
  readonly bytes: AsyncIterable<Buffer>
  /** Filled when the bytes have been read. Names in lower case. */
  readonly trailers: ReadonlyMap<string, string>
}

/** Continues a request's signature over its chunks. */
export interface ChunkSigner {
  readonly key: Buffer
  readonly signed: Pick<SignedRequest, 'timestamp' | 'scope' | 'signature'>
}

/** Decodes an aws-chunked body; with a signer, each chunk must be signed. */
export function decodeChunked(source: AsyncIterable<Buffer>, signer: ChunkSigner | null): ChunkedBody {
  const trailers = new Map<string, string>()
  return { bytes: decode(new ByteReader(source), signer && startVerifier(signer), trailers), trailers }
}

async function* decode(
  reader: ByteReader,
  verifier: Verifier | null,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let previousBytes: number | null = null
  for (;;) {
    const { byteCount, signature } = readChunkLine(await reader.line(lineBytesMax), verifier !== null)
    // The first null stands for no chunk before this one: what is refused is a short one that was not the last.
    if (byteCount > 0 && previousBytes !== null && previousBytes < chunkBytesMin) throw shortChunk()
    previousBytes = byteCount
    const hash = createHash('sha256')
    let left = byteCount
    for await (const piece of reader.bytes(byteCount)) {
      left -= piece.length
      if (verifier !== null) hash.update(piece)
      yield piece
    }
    if (left > 0) throw incomplete()
    verifier?.verifyChunk(signature, hash.digest('hex'))
    if (byteCount === 0) break
    if ((await reader.line(0)) !== '') throw malformed()
  }
  await readTrailers(reader, verifier, trailers)
}

function readChunkLine(line: string | null, isSigned: boolean) {
  if (line === null) throw incomplete()
  const [, size = '', signature = ''] =
    /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line) ?? []
  if (size === '' || (signature !== '') !== isSigned) throw malformed()
  return { byteCount: Number.parseInt(size, 16), signature }
}

async function readTrailers(
  reader: ByteReader,
  verifier: Verifier | null,
  trailers: Map<string, string>,
): Promise<void> {
  for (let line = await reader.line(lineBytesMax); line !== ''; line = await reader.line(lineBytesMax)) {
    // A body without trailers may leave out the empty line at its end.
    if (line === null) break
    const colon = line.indexOf(':')
    if (colon < 1) throw malformed()
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  if (!(await reader.atEnd())) throw malformed()
  const signature = trailers.get('x-amz-trailer-signature')
  trailers.delete('x-amz-trailer-signature')
  if (verifier !== null && trailers.size > 0) verifier.verifyTrailers(signature ?? '', trailers)
}

interface Verifier {
  verifyChunk(signature: string, bytesHash: string): void
  verifyTrailers(signature: string, trailers: ReadonlyMap<string, string>): void
}

function startVerifier({ key, signed }: ChunkSigner): Verifier {
  let previous = signed.signature
  const verify = (signature: string, algorithm: string, hashes: readonly string[]) => {
    const text = [algorithm, signed.timestamp, scopeText(signed.scope), previous, ...hashes].join('\n')
    if (!sameSignature(signature, hmac(key, text).toString('hex'))) throw chunkSignature()
    previous = signature
  }
  return {
    verifyChunk: (signature, bytesHash) =>
      verify(signature, 'AWS4-HMAC-SHA256-PAYLOAD', [emptyHash, bytesHash]),
    verifyTrailers(signature, trailers) {
      const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('')
      verify(signature, 'AWS4-HMAC-SHA256-TRAILER', [sha256Hex(canonical)])
    },
  }
}

function chunkSignature(): AwsError {
  return new AwsError(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  )
}

function shortChunk(): AwsError {
  return new AwsError(
    403,
    'InvalidChunkSizeError',
    `Only the last chunk is allowed to have a size less than ${chunkBytesMin} bytes`,
  )
}

function incomplete(): AwsError {
  return new AwsError(400, 'IncompleteBody', 'The request body terminated unexpectedly')
}

function malformed(): AwsError {
  return new AwsError(
    400,
    'MalformedTrailerError',
    'The request contained chunked data or trailing data that was not well-formed.',
  )
}
