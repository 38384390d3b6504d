import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acmeTarget } from '../../../test/support/delivery-sandbox.ts'
import { createS3Client } from './aws-clients.ts'
import { checkFolderSize, listPage } from './list-folder.ts'

const signal = new AbortController().signal
let answer = ''
let asked = ''
const server = createServer((request, response) => {
  asked = request.url ?? ''
  response.writeHead(200, { 'content-type': 'application/xml' }).end(answer)
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function list(from?: string) {
  const { port } = server.address() as AddressInfo
  const client = createS3Client(
    {
      region: 'us-west-2',
      endpoint: `http://127.0.0.1:${port}`,
      allowPlainHttp: false,
      connectTimeoutMs: 1000,
      idleTimeoutMs: 1000,
      pathStyle: true,
    },
    async () => ({ accessKeyId: 'AKIA0000000000000000', secretAccessKey: 'x' }),
  )
  return listPage(client, acmeTarget, 'a/', from, signal)
}

const object = (key: string, bytes: number) => `<Contents><Key>${key}</Key><Size>${bytes}</Size></Contents>`

test('a page that is not the last says where the next begins', async () => {
  answer = `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>${object('a/1', 7)}</ListBucketResult>`
  expect(await list()).toEqual({ objects: [{ key: 'a/1', bytes: 7 }], next: 't+/=' })
  answer = `<ListBucketResult><IsTruncated>false</IsTruncated>${object('a/2', 0)}</ListBucketResult>`
  expect(await list('t+/=')).toEqual({ objects: [{ key: 'a/2', bytes: 0 }], next: undefined })
  expect(new URL(asked, 'http://x').searchParams.get('continuation-token')).toBe('t+/=')
})

test('keys are decoded where the server says that it has encoded them, and only there', async () => {
  const contents = `<IsTruncated>false</IsTruncated>${object('a/b+c%2Bd%25%01%C3%A9', 1)}`
  answer = `<ListBucketResult><EncodingType>url</EncodingType>${contents}</ListBucketResult>`
  expect((await list()).objects).toEqual([{ key: 'a/b c+d%\u0001é', bytes: 1 }])
  answer = `<ListBucketResult>${contents}</ListBucketResult>`
  expect((await list()).objects).toEqual([{ key: 'a/b+c%2Bd%25%01%C3%A9', bytes: 1 }])
})

test('a page without an end and without a next page is no listing', async () => {
  answer = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'
  await expect(list()).rejects.toMatchObject({ code: 'S3_ANSWER_UNREADABLE', retryable: true })
})

test('a folder that somebody else has filled is refused before it fills the memory', () => {
  const objects = Array.from({ length: 100_001 }, () => ({ key: 'a/x', bytes: 0 }))
  expect(() => checkFolderSize(objects.slice(1), acmeTarget, 'a/')).not.toThrow()
  expect(() => checkFolderSize(objects, acmeTarget, 'a/')).toThrow(
    expect.objectContaining({ code: 'S3_FOLDER_CROWDED', retryable: false }),
  )
})
