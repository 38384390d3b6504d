import { describe, expect, test } from 'vitest'
import { decodeChunked } from './chunked-body.ts'
import { signingKey } from './signature.ts'

// The two examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …-trailers.html:
// 66,560 bytes of the letter a, in chunks of 64 KiB.
const scope = { date: '20130524', region: 'us-east-1', service: 's3' }
const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope)
const signer = (signature: string) => ({ key, signed: { timestamp: '20130524T000000Z', scope, signature } })

const plainSeed = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'
const plainSignatures = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
]
const trailerSeed = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'
const trailerSignatures = [
  'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
  '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
  '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
]
const trailerSignature = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435'

function body(signatures: readonly string[], trailers = ''): string {
  const sizes = [65_536, 1024, 0]
  const chunks = sizes.map((size, index) => {
    const signature = signatures[index] === undefined ? '' : `;chunk-signature=${signatures[index]}`
    return `${size.toString(16)}${signature}\r\n${size === 0 ? '' : `${'a'.repeat(size)}\r\n`}`
  })
  return `${chunks.join('')}${trailers}\r\n`
}

async function* pieces(text: string, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < text.length; start += pieceBytes) {
    yield Buffer.from(text.slice(start, start + pieceBytes), 'latin1')
  }
}

async function decode(text: string, seed: string | null, pieceBytes = 1000) {
  const { bytes, trailers } = decodeChunked(pieces(text, pieceBytes), seed === null ? null : signer(seed))
  let size = 0
  for await (const chunk of bytes) size += chunk.length
  return { size, trailers: Object.fromEntries(trailers) }
}

describe('a body in signed chunks', () => {
  test.each([1, 7, 1000, 100_000])(
    'is decoded, however it is cut: pieces of %i bytes',
    async (pieceBytes) => {
      expect(await decode(body(plainSignatures), plainSeed, pieceBytes)).toEqual({
        size: 66_560,
        trailers: {},
      })
    },
  )

  test('hands on its signed trailers', async () => {
    const trailers = `x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:${trailerSignature}\r\n`
    const decoded = await decode(body(trailerSignatures, trailers), trailerSeed)
    expect(decoded).toEqual({ size: 66_560, trailers: { 'x-amz-checksum-crc32c': 'sOO8/Q==' } })
  })

  test('is refused where a byte of a chunk was changed', async () => {
    const changed = body(plainSignatures).replace('\r\na', '\r\nb')
    await expect(decode(changed, plainSeed)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' })
  })

  test('is refused where its trailer was changed, or its signature left out', async () => {
    const changed = `x-amz-checksum-crc32c:AAAAAA==\r\nx-amz-trailer-signature:${trailerSignature}\r\n`
    const unsigned = 'x-amz-checksum-crc32c:sOO8/Q==\r\n'
    for (const trailers of [changed, unsigned]) {
      await expect(decode(body(trailerSignatures, trailers), trailerSeed)).rejects.toMatchObject({
        code: 'SignatureDoesNotMatch',
      })
    }
  })

  test('is refused where a chunk has no signature', async () => {
    await expect(decode(body([]), plainSeed)).rejects.toMatchObject({ code: 'MalformedTrailerError' })
  })
})

describe('a body in unsigned chunks', () => {
  test('hands on its trailers', async () => {
    const decoded = await decode(body([], 'x-amz-checksum-crc32c:sOO8/Q==\r\n'), null)
    expect(decoded).toEqual({ size: 66_560, trailers: { 'x-amz-checksum-crc32c': 'sOO8/Q==' } })
  })

  test.each([
    ['ends within a chunk', body([]).slice(0, 60_000), 'IncompleteBody'],
    ['ends before its last chunk', '10\r\naaaaaaaaaaaaaaaa\r\n', 'IncompleteBody'],
    ['has a chunk that is longer than it says', '2\r\naaa\r\n0\r\n\r\n', 'MalformedTrailerError'],
    ['has a size that is no number', 'zz\r\naa\r\n0\r\n\r\n', 'MalformedTrailerError'],
    ['has a short chunk that is not the last', '1\r\na\r\n1\r\na\r\n0\r\n\r\n', 'InvalidChunkSizeError'],
    ['goes on after its end', '1\r\na\r\n0\r\n\r\nmore', 'MalformedTrailerError'],
  ])('is refused where it %s', async (_, text, code) => {
    await expect(decode(text, null)).rejects.toMatchObject({ code })
  })
})
