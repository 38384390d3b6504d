import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { acme, acmeOwner, exporter, sandboxWorld } from '../test/support/sandbox-world.ts'
import {
  type Credentials,
  type HandmadeRequest,
  presign,
  requestTarget,
  sendSigned,
} from '../test/support/signed-request.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from './main.ts'
import type { RequestRecord } from './request-log.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ world: sandboxWorld(), ...options })
  closing.push(() => sandbox.close())
  return sandbox
}

function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
  closing.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const send = (sandbox: Sandbox, request: HandmadeRequest, credentials: Credentials = acmeOwner) =>
  sendSigned(sandbox.url, request, { credentials, region: acme.region })
const put = (key: string, body: string, headers: Record<string, string> = {}): HandmadeRequest => ({
  method: 'PUT',
  path: `/${acme.bucket}/${key}`,
  body,
  headers,
})
const get = (key: string): HandmadeRequest => ({ method: 'GET', path: `/${acme.bucket}/${key}` })

async function assumeRole(sandbox: Sandbox): Promise<Credentials> {
  const parameters = {
    Action: 'AssumeRole',
    RoleArn: acme.role,
    RoleSessionName: 'ab',
    ExternalId: acme.externalId,
  }
  const { text } = await sendSigned(
    sandbox.url,
    { method: 'POST', path: '/', body: new URLSearchParams(parameters).toString() },
    { credentials: exporter, region: acme.region, service: 'sts' },
  )
  const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? ''
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  }
}

async function records(sandbox: Sandbox): Promise<RequestRecord[]> {
  const text = await (await fetch(`${sandbox.url}/_sandbox/requests`)).text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RequestRecord)
}

const putWorld = (sandbox: Sandbox, world: unknown) =>
  fetch(`${sandbox.url}/_sandbox/world`, { method: 'PUT', body: JSON.stringify(world) })

describe('a sandbox', () => {
  test('listens on loopback only', async () => {
    await expect(startSandbox({ world: {}, host: '0.0.0.0' })).rejects.toThrow(/loopback only/)
  })

  test('keeps objects and sessions in its folder over a restart', async () => {
    const dataDir = temporaryFolder()
    const first = await startSandbox({ world: sandboxWorld(), dataDir })
    const session = await assumeRole(first)
    await send(first, put('é/ü', 'kept', { 'x-amz-meta-who': 'me' }), session)
    await send(first, put('gone', 'gone'), session)
    await send(first, { ...get('gone'), method: 'DELETE' }, session)
    await first.close()

    const second = await start({ dataDir })
    const answer = await send(second, get('é/ü'), session)
    expect(answer).toMatchObject({ status: 200, text: 'kept' })
    expect(answer.headers['x-amz-meta-who']).toBe('me')
    expect((await send(second, get('gone'), session)).status).toBe(404)
  })

  test('takes its temporary folder away when it closes', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('penstock-sandbox-'))
    const sandbox = await startSandbox({ world: sandboxWorld() })
    await send(sandbox, put('k', 'v'))
    await sandbox.close()
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('penstock-sandbox-'))
    expect(after.filter((name) => !before.includes(name))).toEqual([])
  })

  test('closes while requests are under way', async () => {
    const sandbox = await startSandbox({ world: sandboxWorld() })
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify({ delay_ms: 600_000 }),
    })
    const waiting = expect(send(sandbox, get('k'))).rejects.toThrow(/hang up|ECONNRESET|ECONNREFUSED/)
    await fetch(`${sandbox.url}/_sandbox/requests`)
    await sandbox.close()
    await waiting
  })
})

describe('an upload whose client leaves', () => {
  test('leaves the object that was there, and no file', async () => {
    const dataDir = temporaryFolder()
    const sandbox = await start({ dataDir })
    await send(sandbox, put('k', 'first'))
    await leaveInTheMiddleOfPut(sandbox)
    await expect.poll(async () => (await records(sandbox)).at(-1)?.code).toBe('ConnectionCut')
    expect((await send(sandbox, get('k'))).text).toBe('first')
    await expect.poll(() => readdirSync(join(dataDir, 'pending'))).toEqual([])
    expect(readdirSync(join(dataDir, 'objects', acme.bucket))).toHaveLength(2)
  })
})

/** A presigned PUT that promises a megabyte, sends a part of it, and goes. */
async function leaveInTheMiddleOfPut(sandbox: Sandbox): Promise<void> {
  const signing = { credentials: acmeOwner, region: acme.region, expiresSeconds: 60 }
  const target = requestTarget(presign(sandbox.url, { method: 'PUT', path: `/${acme.bucket}/k` }, signing))
  const socket = connect(sandbox.port, '127.0.0.1')
  socket.write(`PUT ${target} HTTP/1.1\r\nHost: 127.0.0.1:${sandbox.port}\r\nContent-Length: 1000000\r\n\r\n`)
  await new Promise((resolve) => socket.write('x'.repeat(100_000), resolve))
  socket.destroy()
}

describe('a new world', () => {
  test('takes effect at once: a disabled key, a role that is gone, a policy of the bucket', async () => {
    const sandbox = await start()
    const session = await assumeRole(sandbox)
    const kms = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': acme.kmsKey,
    }
    expect((await send(sandbox, put('k', 'v', kms), session)).status).toBe(200)

    const world = sandboxWorld()
    world.keys = world.keys.map((key) => (key.arn === acme.kmsKey ? { ...key, enabled: false } : key))
    expect((await putWorld(sandbox, world)).status).toBe(204)
    expect(await send(sandbox, put('k', 'v', kms), session)).toMatchObject({
      status: 400,
      code: 'KMS.DisabledException',
    })
    expect(await send(sandbox, get('k'), session)).toMatchObject({
      status: 400,
      code: 'KMS.DisabledException',
    })

    await putWorld(sandbox, { ...sandboxWorld(), roles: [] })
    expect(await send(sandbox, get('k'), session)).toMatchObject({ status: 403, code: 'AccessDenied' })

    await putWorld(sandbox, sandboxWorld())
    expect(await send(sandbox, get('k'), session)).toMatchObject({ status: 200, text: 'v' })
  })

  test('that is not valid changes nothing, and is told all that is wrong', async () => {
    const sandbox = await start()
    const answer = await putWorld(sandbox, { buckets: [{ name: 'X', account: '1', region: 'us-west-2' }] })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { problems: string[] }).problems).toEqual([
      expect.stringMatching(/^buckets\[0\]\.name: /),
      expect.stringMatching(/^buckets\[0\]\.account: /),
    ])
    expect((await send(sandbox, put('k', 'v'))).status).toBe(200)
  })
})

test('the request log says who did what, with which encryption, and how it ended', async () => {
  const sandbox = await start()
  const session = await assumeRole(sandbox)
  await send(sandbox, put('day/a', 'hello', { 'x-amz-server-side-encryption': 'AES256' }), session)
  await send(sandbox, get('day/b'), session)
  expect(await records(sandbox)).toEqual([
    expect.objectContaining({
      n: 1,
      action: 'AssumeRole',
      role: acme.role,
      status: 200,
      principal: exporter.arn,
    }),
    expect.objectContaining({
      n: 2,
      method: 'PUT',
      action: 'PutObject',
      bucket: acme.bucket,
      key: 'day/a',
      status: 200,
      code: null,
      encryption: { 'x-amz-server-side-encryption': 'AES256' },
      principal: `arn:aws:sts::${acme.account}:assumed-role/penstock-export/ab`,
      bytes_in: 5,
    }),
    expect.objectContaining({
      n: 3,
      action: 'GetObject',
      key: 'day/b',
      status: 404,
      code: 'NoSuchKey',
      encryption: {},
    }),
  ])
})
