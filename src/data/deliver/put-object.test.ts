/** What goes over the wire: servers that are not AWS refuse a trailing checksum and a chunked transfer. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { acmeTarget } from '../../../test/support/delivery-sandbox.ts'
import { exportFile, exportFileOf } from '../../../test/support/export-file.ts'
import { crc32Header } from '../../aws/crc32-header.ts'
import { createS3Client } from './aws-clients.ts'
import { emptyContent, type ObjectContent, putObject } from './put-object.ts'

let headers: IncomingHttpHeaders = {}
let body = Buffer.alloc(0)
let answer: Record<string, string> = {}
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  headers = request.headers
  body = Buffer.concat(chunks)
  response.writeHead(200, answer).end()
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterEach(() => {
  answer = {}
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function put(content: ObjectContent) {
  const client = createS3Client(
    {
      region: 'us-west-2',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      allowPlainHttp: false,
      connectTimeoutMs: 1000,
      idleTimeoutMs: 1000,
      pathStyle: true,
    },
    async () => ({ accessKeyId: 'AKIA0000000000000000', secretAccessKey: 'x' }),
  )
  return putObject(client, acmeTarget, 'a/part.json.gz', content, new AbortController().signal)
}

test.each([
  ['small', 10_000],
  ['large', 3_000_000],
])('a %s file is one plain body with its length and its checksum in a header', async (_, lengthBytes) => {
  answer = { etag: '"1"' }
  const bytes = randomBytes(lengthBytes)
  const file = exportFileOf('part.json.gz', bytes)
  await put(file)
  expect(body.equals(bytes)).toBe(true)
  expect(headers).toMatchObject({
    'content-length': String(lengthBytes),
    'content-type': 'application/json',
    'x-amz-checksum-crc32': crc32Header(file.crc32),
    'x-amz-expected-bucket-owner': '222222222222',
  })
  for (const absent of [
    'transfer-encoding',
    'content-encoding',
    'x-amz-trailer',
    'x-amz-sdk-checksum-algorithm',
  ])
    expect(headers).not.toHaveProperty(absent)
})

test('a marker is empty and carries the checksum of nothing', async () => {
  answer = { etag: '"1"' }
  await put(emptyContent)
  expect(body).toHaveLength(0)
  expect(headers).toMatchObject({ 'content-length': '0', 'x-amz-checksum-crc32': 'AAAAAA==' })
})

test('an answer that names another checksum, or no ETag, is not believed', async () => {
  const file = exportFile('part.json.gz')
  answer = { etag: '"1"', 'x-amz-checksum-crc32': crc32Header(file.crc32) }
  await put(file)
  answer = { etag: '"1"', 'x-amz-checksum-crc32': 'AAAAAA==' }
  await expect(put(file)).rejects.toMatchObject({ code: 'S3_CHECKSUM_MISMATCH', retryable: true })
  answer = {}
  await expect(put(file)).rejects.toMatchObject({ code: 'S3_ANSWER_UNREADABLE', retryable: true })
})
