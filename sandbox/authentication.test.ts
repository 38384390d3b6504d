import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme, acmeOwner, exporter, globex, sandboxWorld } from '../test/support/sandbox-world.ts'
import {
  type HandmadeRequest,
  type Signing,
  sendPresigned,
  sendSigned,
  sendUnsigned,
} from '../test/support/signed-request.ts'
import { type Sandbox, startSandbox } from './main.ts'

const put: HandmadeRequest = { method: 'PUT', path: `/${acme.bucket}/a key`, body: 'hello' }
const get: HandmadeRequest = { method: 'GET', path: `/${acme.bucket}/a key` }
const owner: Signing = { credentials: acmeOwner, region: acme.region }
let sandbox: Sandbox
let offsetMs = 0

beforeAll(async () => {
  sandbox = await startSandbox({ world: sandboxWorld(), nowMs: () => Date.now() + offsetMs })
  expect((await sendSigned(sandbox.url, put, owner)).status).toBe(200)
})
afterAll(() => sandbox.close())

async function later<Result>(ms: number, act: () => Promise<Result>): Promise<Result> {
  offsetMs = ms
  try {
    return await act()
  } finally {
    offsetMs = 0
  }
}

async function assumeAcmeRole(durationSeconds = 900) {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: acme.role,
    RoleSessionName: 'a-session',
    ExternalId: acme.externalId,
    DurationSeconds: String(durationSeconds),
  })
  const answer = await sendSigned(
    sandbox.url,
    { method: 'POST', path: '/', body: form.toString() },
    { credentials: exporter, region: 'us-west-2', service: 'sts' },
  )
  const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(answer.text)?.[1] ?? ''
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  }
}

describe('a request signed in its header', () => {
  test('is served', async () => {
    expect(await sendSigned(sandbox.url, get, owner)).toMatchObject({ status: 200, text: 'hello' })
  })

  test.each<[string, HandmadeRequest, Partial<Signing>, number, string]>([
    [
      'an unknown access key',
      get,
      { credentials: { ...acmeOwner, accessKeyId: 'AKIANOBODY0000000001' } },
      403,
      'InvalidAccessKeyId',
    ],
    [
      'another secret',
      get,
      { credentials: { ...acmeOwner, secretAccessKey: 'wrong' } },
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'a user and a session token',
      get,
      { credentials: { ...acmeOwner, sessionToken: 'x.y' } },
      400,
      'InvalidToken',
    ],
    [
      'a date of 16 minutes ago',
      get,
      { at: new Date(Date.now() - 16 * 60_000) },
      403,
      'RequestTimeTooSkewed',
    ],
    ['a date in 16 minutes', get, { at: new Date(Date.now() + 16 * 60_000) }, 403, 'RequestTimeTooSkewed'],
    ['the host not signed', get, { unsignedHeaders: ['host'] }, 400, 'AuthorizationHeaderMalformed'],
    [
      'an x-amz- header not signed',
      { ...put, headers: { 'x-amz-meta-a': 'b' } },
      { unsignedHeaders: ['x-amz-meta-a'] },
      403,
      'AccessDenied',
    ],
    ['a body other than its hash', put, { payloadHash: 'a'.repeat(64) }, 400, 'XAmzContentSHA256Mismatch'],
    ['a hash that is none', put, { payloadHash: 'sha' }, 400, 'InvalidArgument'],
    ['the scope of another service', get, { service: 'execute-api' }, 400, 'AuthorizationHeaderMalformed'],
  ])('with %s is refused', async (_, request, signing, status, code) => {
    expect(await sendSigned(sandbox.url, request, { ...owner, ...signing })).toMatchObject({ status, code })
  })

  test('may be 14 minutes old', async () => {
    const at = new Date(Date.now() - 14 * 60_000)
    expect((await sendSigned(sandbox.url, get, { ...owner, at })).status).toBe(200)
  })

  test.each<[string, Partial<HandmadeRequest>]>([
    ['method', { method: 'HEAD' }],
    ['path', { path: `/${acme.bucket}/another key` }],
    ['query', { query: [['x', 'y']] }],
    ['host', { headers: { host: 'localhost' } }],
  ])('and changed on the way is refused: its %s', async (_, changed) => {
    expect((await sendSigned(sandbox.url, get, { ...owner, changed })).status).toBe(403)
  })

  test('must say how its body is signed', async () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${acmeOwner.accessKeyId}/20260101/us-west-2/s3/aws4_request`
    const answer = await sendUnsigned(sandbox.url, { ...get, headers: { authorization } })
    expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' })
    expect(answer.text).toContain('Missing required header for this request: x-amz-content-sha256')
  })

  test('names the error, the request and the host in XML', async () => {
    const answer = await sendSigned(sandbox.url, { ...get, path: '/nobucket/x' }, owner)
    expect(answer).toMatchObject({ status: 404, code: 'NoSuchBucket' })
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.text).toContain(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`)
    expect(answer.text).toMatch(/<HostId>.+<\/HostId>/)
  })
})

test('a request that is not signed is denied', async () => {
  const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  expect(await sendUnsigned(sandbox.url, { ...get, headers })).toMatchObject({
    status: 403,
    code: 'AccessDenied',
  })
})

describe('a presigned request', () => {
  const presigned = { ...owner, expiresSeconds: 60 }

  test('is served', async () => {
    expect(await sendPresigned(sandbox.url, get, presigned)).toMatchObject({ status: 200, text: 'hello' })
  })

  test.each<[string, Partial<typeof presigned>, number, string]>([
    ['after its time', { at: new Date(Date.now() - 61_000) }, 403, 'AccessDenied'],
    ['before its time', { at: new Date(Date.now() + 20 * 60_000) }, 403, 'AccessDenied'],
    ['for longer than a week', { expiresSeconds: 604_801 }, 400, 'AuthorizationQueryParametersError'],
    [
      'with another secret',
      { credentials: { ...acmeOwner, secretAccessKey: 'x' } },
      403,
      'SignatureDoesNotMatch',
    ],
  ])('%s is refused', async (_, change, status, code) => {
    expect(await sendPresigned(sandbox.url, get, { ...presigned, ...change })).toMatchObject({ status, code })
  })
})

describe("a session's request", () => {
  test('is served with its token', async () => {
    const credentials = await assumeAcmeRole()
    expect((await sendSigned(sandbox.url, get, { ...owner, credentials })).status).toBe(200)
  })

  test('without its token, or with another, is refused', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await assumeAcmeRole()
    const without = await sendSigned(sandbox.url, get, {
      ...owner,
      credentials: { accessKeyId, secretAccessKey },
    })
    expect(without).toMatchObject({ status: 403, code: 'InvalidAccessKeyId' })
    const others = [`${sessionToken}0`, (await assumeAcmeRole()).sessionToken]
    for (const other of others) {
      const credentials = { accessKeyId, secretAccessKey, sessionToken: other }
      expect(await sendSigned(sandbox.url, get, { ...owner, credentials })).toMatchObject({
        status: 400,
        code: 'InvalidToken',
      })
    }
  })

  test('is refused once the session has ended', async () => {
    const credentials = await assumeAcmeRole(900)
    const at = (ms: number) => ({ ...owner, credentials, at: new Date(Date.now() + ms) })
    expect((await later(899_000, () => sendSigned(sandbox.url, get, at(899_000)))).status).toBe(200)
    const answer = await later(901_000, () => sendSigned(sandbox.url, get, at(901_000)))
    expect(answer).toMatchObject({ status: 400, code: 'ExpiredToken' })
  })
})

describe('a bucket is addressed', () => {
  test.each([
    ['acme-events.localhost:9000', '/a key'],
    ['acme-events.127.0.0.1', '/a key'],
    ['acme-events.s3.us-west-2.amazonaws.com', '/a key'],
    ['s3.us-west-2.amazonaws.com', '/acme-events/a key'],
  ])('as %s%s', async (host, path) => {
    expect(await sendSigned(sandbox.url, { method: 'GET', host, path }, owner)).toMatchObject({
      status: 200,
      text: 'hello',
    })
  })
})

describe('the wrong region', () => {
  test('of the signature is told with the right one', async () => {
    const host = 's3.us-west-2.amazonaws.com'
    const answer = await sendSigned(sandbox.url, { ...get, host }, { ...owner, region: 'us-east-1' })
    expect(answer).toMatchObject({ status: 400, code: 'AuthorizationHeaderMalformed' })
    expect(answer.text).toContain('<Region>us-west-2</Region>')
  })

  test.each(['GET', 'HEAD', 'PUT'])('of the endpoint is told as a redirect: %s', async (method) => {
    const elsewhere = { method, path: `/${globex.bucket}/x` }
    const answer = await sendSigned(sandbox.url, elsewhere, owner)
    expect(answer.status).toBe(301)
    expect(answer.headers['x-amz-bucket-region']).toBe('eu-west-1')
    expect(answer.code).toBe(method === 'HEAD' ? undefined : 'PermanentRedirect')
  })
})
