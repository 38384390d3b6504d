import { once } from 'node:events'
import { request } from 'node:http'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme, acmeOwner, sandboxWorld } from '../../test/support/sandbox-world.ts'
import { presign, requestTarget, sendSigned } from '../../test/support/signed-request.ts'
import { type Sandbox, startSandbox } from '../main.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ world: sandboxWorld() })
})
afterAll(() => sandbox.close())

const body = 'one line\nanother line\n'
const base64Crc32 = (text: string) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64')
}
const streamed = (chunks: string, more: Record<string, string> = {}) => ({
  body: chunks,
  payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  headers: {
    'x-amz-decoded-content-length': String(body.length),
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'content-encoding': 'aws-chunked',
    ...more,
  },
})
const chunked = (trailer: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n${trailer}\r\n`

interface Upload {
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly payloadHash?: string
  readonly key?: string
}

function put({ key = 'k', payloadHash, headers = {}, ...rest }: Upload) {
  return sendSigned(
    sandbox.url,
    { method: 'PUT', path: `/${acme.bucket}/${key}`, headers, body: rest.body ?? body },
    { credentials: acmeOwner, region: acme.region, ...(payloadHash !== undefined && { payloadHash }) },
  )
}

function get(key: string, headers: Record<string, string> = {}) {
  return sendSigned(
    sandbox.url,
    { method: 'GET', path: `/${acme.bucket}/${key}`, headers },
    { credentials: acmeOwner, region: acme.region },
  )
}

describe('an upload', () => {
  test('of unknown length is refused', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    expect(await put({ headers, payloadHash: 'UNSIGNED-PAYLOAD' })).toMatchObject({
      status: 411,
      code: 'MissingContentLength',
    })
  })

  test('in chunks with its checksum in the trailer is stored, without the coding of its transfer', async () => {
    const upload = streamed(chunked(`x-amz-checksum-crc32:${base64Crc32(body)}\r\n`))
    expect((await put({ ...upload, key: 'streamed' })).status).toBe(200)
    const read = await get('streamed', { 'x-amz-checksum-mode': 'ENABLED' })
    expect(read.text).toBe(body)
    expect(read.headers['content-encoding']).toBeUndefined()
    expect(read.headers['x-amz-checksum-crc32']).toBe(base64Crc32(body))
  })

  test.each<[string, Upload, string]>([
    ['a wrong trailer', streamed(chunked('x-amz-checksum-crc32:AAAAAA==\r\n')), 'BadDigest'],
    ['no trailer where one is promised', streamed(chunked('')), 'MalformedTrailerError'],
    [
      'a trailer that is no checksum',
      streamed(chunked(''), { 'x-amz-trailer': 'x-amz-meta-a' }),
      'InvalidRequest',
    ],
    [
      'more bytes than it says',
      streamed(chunked(''), { 'x-amz-decoded-content-length': '3' }),
      'IncompleteBody',
    ],
    [
      'fewer bytes than it says',
      streamed(chunked(''), { 'x-amz-decoded-content-length': '300' }),
      'IncompleteBody',
    ],
    [
      'two checksums',
      { headers: { 'x-amz-checksum-crc32': base64Crc32(body), 'x-amz-checksum-crc32c': 'AAAAAA==' } },
      'InvalidRequest',
    ],
    ['a checksum that is none', { headers: { 'x-amz-checksum-sha256': 'AAAAAA==' } }, 'InvalidRequest'],
    [
      'an algorithm and no checksum',
      { headers: { 'x-amz-sdk-checksum-algorithm': 'CRC32' } },
      'InvalidRequest',
    ],
    ['an access list', { headers: { 'x-amz-acl': 'public-read' } }, 'AccessControlListNotSupported'],
    ['metadata of more than 2 KB', { headers: { 'x-amz-meta-a': 'x'.repeat(2048) } }, 'MetadataTooLarge'],
    [
      'an account that is none',
      { headers: { 'x-amz-expected-bucket-owner': 'me' } },
      'InvalidBucketOwnerAWSAccountID',
    ],
  ])('with %s is refused, and nothing is stored', async (_, upload, code) => {
    expect(await put({ ...upload, key: 'refused' })).toMatchObject({ status: 400, code })
    expect((await get('refused')).status).toBe(404)
  })

  test.each([
    ['crc32', base64Crc32(body)],
    ['crc32c', 'TmNypg=='],
    ['crc64nvme', 'I13UqfQxI2g='],
    ['sha1', 'XMCNcgNg9G2p1bY7wQgxO6vX5Qc='],
    ['sha256', 'iCLD5wqa6TRb1Mp0uLZIc/5+sCQKJM4ZnL4XsY2AcFI='],
  ])('with its %s is stored and answered with it', async (algorithm, value) => {
    const answer = await put({ headers: { [`x-amz-checksum-${algorithm}`]: value } })
    expect(answer.status).toBe(200)
    expect(answer.headers[`x-amz-checksum-${algorithm}`]).toBe(value)
  })

  test('for the owner of the bucket is stored', async () => {
    expect((await put({ headers: { 'x-amz-acl': 'bucket-owner-full-control' } })).status).toBe(200)
  })

  test('whose condition became false while its bytes came in is refused', async () => {
    const slow = await beginPut('raced', { 'if-none-match': '*' })
    expect((await put({ key: 'raced', body: 'fast' })).status).toBe(200)
    expect(await slow.finish(body)).toBe(412)
    expect((await get('raced')).text).toBe('fast')
  })
})

/** A PUT that has been let in, and waits with its body. */
async function beginPut(key: string, headers: Record<string, string>) {
  const path = `/${acme.bucket}/${key}`
  const signing = { credentials: acmeOwner, region: acme.region, expiresSeconds: 60 }
  const sent = request(sandbox.url + requestTarget(presign(sandbox.url, { method: 'PUT', path }, signing)), {
    method: 'PUT',
    headers: { ...headers, 'content-length': body.length, expect: '100-continue' },
  })
  const answered = new Promise<number>((resolve, reject) => {
    sent.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject)
  })
  sent.flushHeaders()
  await once(sent, 'continue')
  return {
    finish(bytes: string): Promise<number> {
      sent.end(bytes)
      return answered
    },
  }
}
