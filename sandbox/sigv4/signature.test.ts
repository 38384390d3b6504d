import { describe, expect, test } from 'vitest'
import type { AwsRequest } from '../request.ts'
import { canonicalRequest } from './canonical-request.ts'
import { requestSignature, sha256Hex, signingKey } from './signature.ts'

const empty = sha256Hex('')

function request(
  method: string,
  path: string,
  query: [string, string][],
  headers: Record<string, string>,
): AwsRequest {
  return {
    method,
    host: headers.host ?? '',
    path,
    query,
    headers: new Map(Object.entries(headers)),
    sourceIp: '',
    body: (async function* () {})(),
  }
}

interface Vector {
  request: AwsRequest
  payloadHash: string
  timestamp: string
  signature: string
}

function sign({ request, payloadHash, timestamp }: Vector, secret: string, region: string, service: string) {
  const scope = { date: timestamp.slice(0, 8), region, service }
  const signedHeaders = [...request.headers.keys()].sort()
  const canonical = canonicalRequest(request, signedHeaders, payloadHash)
  return requestSignature(signingKey(secret, scope), timestamp, scope, canonical)
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html
const s3Host = { host: 'examplebucket.s3.amazonaws.com' }
const s3Vectors: Record<string, Omit<Vector, 'timestamp'>> = {
  'GET of a range': {
    request: request('GET', '/test.txt', [], {
      ...s3Host,
      range: 'bytes=0-9',
      'x-amz-content-sha256': empty,
      'x-amz-date': '20130524T000000Z',
    }),
    payloadHash: empty,
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  'PUT to a key with a character that is encoded': {
    request: request('PUT', '/test$file.text', [], {
      ...s3Host,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': sha256Hex('Welcome to Amazon S3.'),
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    }),
    payloadHash: sha256Hex('Welcome to Amazon S3.'),
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  'GET of a subresource without a value': {
    request: request('GET', '/', [['lifecycle', '']], {
      ...s3Host,
      'x-amz-content-sha256': empty,
      'x-amz-date': '20130524T000000Z',
    }),
    payloadHash: empty,
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  'GET of a listing': {
    request: request(
      'GET',
      '/',
      [
        ['prefix', 'J'],
        ['max-keys', '2'],
      ],
      {
        ...s3Host,
        'x-amz-content-sha256': empty,
        'x-amz-date': '20130524T000000Z',
      },
    ),
    payloadHash: empty,
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
  'presigned GET': {
    request: request(
      'GET',
      '/test.txt',
      [
        ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
        ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'],
        ['X-Amz-Date', '20130524T000000Z'],
        ['X-Amz-Expires', '86400'],
        ['X-Amz-SignedHeaders', 'host'],
        ['X-Amz-Signature', 'is not part of what is signed'],
      ],
      s3Host,
    ),
    payloadHash: 'UNSIGNED-PAYLOAD',
    signature: 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  },
}

// From AWS's Signature Version 4 test suite (aws-sig-v4-test-suite).
const date = { 'x-amz-date': '20150830T123600Z' }
const suiteHost = { host: 'example.amazonaws.com' }
const suiteVectors: Record<string, Omit<Vector, 'timestamp'>> = {
  'get-vanilla': {
    request: request('GET', '/', [], { ...suiteHost, ...date }),
    payloadHash: empty,
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  'get-vanilla-query-order-key-case': {
    request: request(
      'GET',
      '/',
      [
        ['Param2', 'value2'],
        ['Param1', 'value1'],
      ],
      { ...suiteHost, ...date },
    ),
    payloadHash: empty,
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  'get-utf8': {
    request: request('GET', '/ሴ', [], { ...suiteHost, ...date }),
    payloadHash: empty,
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  'get-header-key-duplicate': {
    request: request('GET', '/', [], { ...suiteHost, 'my-header1': 'value2,value2,value1', ...date }),
    payloadHash: empty,
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  'post-x-www-form-urlencoded': {
    request: request('POST', '/', [], {
      'content-type': 'application/x-www-form-urlencoded',
      ...suiteHost,
      ...date,
    }),
    payloadHash: sha256Hex('Param1=value1'),
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
}

describe("signatures are those of AWS's published examples", () => {
  test.each(Object.entries(s3Vectors))('S3: %s', (_, vector) => {
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    expect(sign({ ...vector, timestamp: '20130524T000000Z' }, secret, 'us-east-1', 's3')).toBe(
      vector.signature,
    )
  })

  test.each(Object.entries(suiteVectors))('test suite: %s', (_, vector) => {
    const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
    expect(sign({ ...vector, timestamp: '20150830T123600Z' }, secret, 'us-east-1', 'service')).toBe(
      vector.signature,
    )
  })
})
