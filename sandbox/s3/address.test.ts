import { describe, expect, test } from 'vitest'
import { readAddress } from './address.ts'

const read = (host: string, path: string) =>
  readAddress({
    method: 'GET',
    host,
    path,
    query: [],
    headers: new Map(),
    sourceIp: '',
    body: (async function* () {})(),
  })

describe('bucket and key', () => {
  test.each([
    ['127.0.0.1:9000', '/acme/a/b', 'acme', 'a/b', null],
    ['localhost:9000', '/acme', 'acme', null, null],
    ['localhost', '/acme/', 'acme', null, null],
    ['localhost', '/acme//a', 'acme', '/a', null],
    ['acme.localhost:9000', '/a/b', 'acme', 'a/b', null],
    ['acme.127.0.0.1:9000', '/', 'acme', null, null],
    ['acme.raw.s3.us-west-2.amazonaws.com', '/a', 'acme.raw', 'a', 'us-west-2'],
    ['s3.us-west-2.amazonaws.com', '/acme/a', 'acme', 'a', 'us-west-2'],
    ['acme.s3.dualstack.eu-west-1.amazonaws.com', '/a', 'acme', 'a', 'eu-west-1'],
    ['acme.s3.cn-north-1.amazonaws.com.cn', '/a', 'acme', 'a', 'cn-north-1'],
    ['acme.s3.amazonaws.com', '/a', 'acme', 'a', null],
  ])('of %s%s', (host, path, bucket, key, endpointRegion) => {
    expect(read(host, path)).toEqual({ bucket, key, endpointRegion })
  })

  test('a key may have 1,024 bytes and no more', () => {
    expect(read('localhost', `/acme/${'é'.repeat(512)}`).key).toHaveLength(512)
    expect(() => read('localhost', `/acme/${'é'.repeat(512)}x`)).toThrow(/too long/)
  })
})
