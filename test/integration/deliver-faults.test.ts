/** Delivery while the other side fails: what passes is tried again, what does not surfaces, nothing is there twice. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RequestRecord } from '../../sandbox/request-log.ts'
import { deliverFolder } from '../../src/data/deliver/deliver-folder.ts'
import { PenstockError } from '../../src/errors/penstock-error.ts'
import {
  acmeTarget,
  type DeliverySandbox,
  folder,
  startDeliverySandbox,
} from '../support/delivery-sandbox.ts'
import { exportFile, exportFileOf, inOrder } from '../support/export-file.ts'
import { acme, exporter, sandboxWorld } from '../support/sandbox-world.ts'
import { silentLog } from '../support/silent-log.ts'

let sandbox: DeliverySandbox
const neverAborted = new AbortController().signal
const files = () => [
  exportFile('part-00000-a.json.gz'),
  exportFileOf('part-00001-b.json.gz', randomBytes(700_000)),
  exportFile('part-00002-c.json.gz'),
]
const finished = ['complete', 'part-00000-a.json.gz', 'part-00001-b.json.gz', 'part-00002-c.json.gz']

beforeAll(async () => {
  sandbox = await startDeliverySandbox()
})
afterEach(async () => {
  vi.useRealTimers()
  await sandbox.forget()
  const destination = sandbox.destinations().open(acmeTarget)
  for (const { key } of await destination.listFolder(folder, neverAborted))
    await destination.deleteObject(key, neverAborted)
  await sandbox.forget()
})
afterAll(() => sandbox.close())

const inFolder = async () =>
  (await sandbox.destinations().open(acmeTarget).listFolder(folder, neverAborted)).map(({ key }) =>
    key.slice(folder.length),
  )
const count = (requests: RequestRecord[], action: string) =>
  requests.filter((request) => request.action === action).length

describe('a fault that passes', () => {
  const cases = [
    ['SlowDown', { status: 503, code: 'SlowDown', times: 4 }],
    ['InternalError', { status: 500, code: 'InternalError', times: 2 }],
    ['a 429', { status: 429, code: 'TooManyRequests', times: 2 }],
    ['RequestTimeout', { status: 400, code: 'RequestTimeout', times: 1 }],
    ['a lost answer', { answer_lost: true, times: 2 }],
    ['a connection that is cut', { cut_after_bytes: 0, times: 1 }],
  ] as const
  const places = [
    ['AssumeRole', {}],
    ['ListObjectsV2', {}],
    ['PutObject', { key: 'part-' }],
    ['PutObject', { key: 'complete$' }],
    ['DeleteObject', { key: 'complete$' }],
  ] as const
  const grid = cases.flatMap(([name, fault]) =>
    places.map(([action, key]) => [name, action, key, fault] as const),
  )
  test.each(grid)('%s at %s %o: the folder is finished', async (_, action, key, fault) => {
    await sandbox.deliver(sandbox.destinations(), acmeTarget, [exportFile('part-00009-old.json.gz')])
    await sandbox.forget()
    await sandbox.fault({ action, ...key, ...fault })
    await sandbox.deliver(sandbox.destinations(), acmeTarget, files())
    const requests = await sandbox.requests()
    expect(requests.filter((request) => request.fault)).toHaveLength(fault.times)
    const lastChange = requests.filter(({ method }) => method === 'PUT' || method === 'DELETE').at(-1)
    expect(lastChange).toMatchObject({ action: 'PutObject', key: `${folder}complete` })
    expect(await inFolder()).toEqual(finished)
  })

  test('a body that is cut in the middle is opened anew', async () => {
    const file = exportFileOf('part-00000-a.json.gz', randomBytes(1_000_000))
    const open = vi.spyOn(file, 'open')
    await sandbox.fault({ action: 'PutObject', key: 'part-', times: 2, cut_after_bytes: 500_000 })
    await sandbox.deliver(sandbox.destinations(), acmeTarget, [file])
    expect(open).toHaveBeenCalledTimes(3)
    expect(await inFolder()).toEqual(['complete', 'part-00000-a.json.gz'])
  })

  test.each([
    ['a file whose answer is lost', { action: 'PutObject', key: 'part-', answer_lost: true }, true],
    ['a file that is cut', { action: 'PutObject', key: 'part-', cut_after_bytes: 0 }, true],
    ['`complete` whose answer is lost', { action: 'PutObject', key: 'complete$', answer_lost: true }, true],
    ['`complete` taken away, whose answer is lost', { action: 'DeleteObject', answer_lost: true }, true],
    ['a file that is answered 503', { action: 'PutObject', key: 'part-', status: 503 }, false],
    ['a listing whose answer is lost', { action: 'ListObjectsV2', answer_lost: true }, false],
    ['an AssumeRole whose answer is lost', { action: 'AssumeRole', answer_lost: true }, false],
  ])('whether a change may be carried out late is told: %s', async (_, fault, mayBeLate) => {
    await sandbox.deliver(sandbox.destinations(), acmeTarget, [exportFile('part-00009-old.json.gz')])
    await sandbox.fault({ ...fault, times: 1 })
    const onUnanswered = vi.fn()
    const destination = sandbox.destinations().open(acmeTarget, silentLog, onUnanswered)
    const delivery = { folder, files: files(), uploadsMax: 2, signal: neverAborted, checkpoint: () => {} }
    await deliverFolder(destination, delivery)
    expect(onUnanswered).toHaveBeenCalledTimes(mayBeLate ? 1 : 0)
    expect(await inFolder()).toEqual(finished)
  })

  test('a fifth of all requests failing is got over', async () => {
    await sandbox.fault({ probability: 0.2, status: 503 })
    const many = Array.from({ length: 40 }, (_, n) => exportFile(`part-${n + 100}-x.json.gz`))
    await sandbox.deliver(sandbox.destinations(), acmeTarget, many)
    const requests = await sandbox.requests()
    expect(requests.length).toBeLessThan(2 * (many.length + 4))
    await sandbox.forget()
    expect(await inFolder()).toHaveLength(41)
  })
})

describe('a fault that stays', () => {
  test('surfaces after five tries as one that the run may try again, and `complete` is not there', async () => {
    await sandbox.fault({ action: 'PutObject', key: 'part-00002', status: 503 })
    await expect(sandbox.deliver(sandbox.destinations(), acmeTarget, files())).rejects.toMatchObject({
      code: 'S3_THROTTLED',
      retryable: true,
    })
    expect((await sandbox.requests()).filter((request) => request.fault)).toHaveLength(5)
    await sandbox.forget()
    expect(await inFolder()).not.toContain('complete')
  })

  test('a server that takes the request and says nothing is given up', async () => {
    const server = createServer(() => {})
    const destinations = sandbox.destinations({
      env: { AWS_ENDPOINT_URL: sandbox.url, AWS_ENDPOINT_URL_S3: await listen(server) },
      idleTimeoutMs: 50,
    })
    try {
      await expect(sandbox.deliver(destinations, acmeTarget, [])).rejects.toMatchObject({
        code: 'DESTINATION_TIMED_OUT',
        retryable: true,
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  test('a server that is not there is named', async () => {
    const server = createServer()
    const url = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const destinations = sandbox.destinations({ env: { AWS_ENDPOINT_URL: url } })
    await expect(sandbox.deliver(destinations, acmeTarget, [])).rejects.toMatchObject({
      code: 'DESTINATION_UNREACHABLE',
      retryable: true,
    })
  })

  test.each([
    ['an error in the body', '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>'],
    ['something else altogether', '<html><body>Welcome to the hotel</body></html>'],
    ['nothing', ''],
  ])('a 200 with %s is taken for no listing and no upload', async (_, body) => {
    const server = createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end(body),
    )
    const env = { AWS_ENDPOINT_URL: sandbox.url, AWS_ENDPOINT_URL_S3: await listen(server) }
    const destination = sandbox.destinations({ env }).open(acmeTarget)
    const expected = { code: expect.stringMatching(/^S3_(ANSWER_UNREADABLE|UNAVAILABLE)$/), retryable: true }
    try {
      await expect(destination.listFolder(folder, neverAborted)).rejects.toMatchObject(expected)
      await expect(destination.putMarker(`${folder}complete`, neverAborted)).rejects.toMatchObject(expected)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe('sessions', () => {
  test('are shared by every request of a run, and never by two external IDs', async () => {
    const destinations = sandbox.destinations()
    await Promise.all([
      sandbox.deliver(destinations, acmeTarget, files()),
      destinations.open(acmeTarget).listFolder(folder, neverAborted),
    ])
    expect(count(await sandbox.requests(), 'AssumeRole')).toBe(1)
    // The role is known and a session of it is at hand; without the right external ID it must serve nobody.
    const stranger = { ...acmeTarget, externalId: 'f'.repeat(32) }
    await expect(sandbox.deliver(destinations, stranger, [])).rejects.toMatchObject({
      code: 'STS_ROLE_DENIED',
    })
    expect(count(await sandbox.requests(), 'AssumeRole')).toBe(2)
  })

  test('are renewed before they end, in the middle of a run', async () => {
    let nowMs = Date.now()
    const destinations = sandbox.destinations({ sessionSeconds: 900, clock: { nowMs: () => nowMs } })
    async function* slowFiles() {
      for (const file of files()) {
        yield file
        nowMs += 12 * 60_000
      }
    }
    await deliverFolder(destinations.open(acmeTarget), {
      folder,
      files: slowFiles(),
      uploadsMax: 1,
      signal: neverAborted,
      checkpoint: () => {},
    })
    expect(count(await sandbox.requests(), 'AssumeRole')).toBeGreaterThanOrEqual(3)
    expect((await sandbox.requests()).every(({ status }) => status === 200)).toBe(true)
    expect(await inFolder()).toEqual(finished)
  })

  test.each(['ExpiredToken', 'InvalidToken', 'InvalidAccessKeyId'])(
    'S3 says %s: replaced once, then tried again',
    async (code) => {
      await sandbox.fault({ action: 'PutObject', key: 'part-00001', times: 1, status: 400, code })
      await sandbox.deliver(sandbox.destinations(), acmeTarget, files())
      expect(count(await sandbox.requests(), 'AssumeRole')).toBe(2)
      expect(await inFolder()).toEqual(finished)
    },
  )

  test('a session that S3 goes on refusing is not fetched for ever', async () => {
    await sandbox.fault({ action: 'ListObjectsV2', status: 400, code: 'InvalidToken' })
    await expect(sandbox.deliver(sandbox.destinations(), acmeTarget, [])).rejects.toMatchObject({
      code: 'S3_SESSION_INVALID',
      retryable: false,
    })
    expect(count(await sandbox.requests(), 'AssumeRole')).toBe(2)
  })

  test('that are asked for longer than the role allows are asked for an hour', async () => {
    await sandbox.deliver(sandbox.destinations({ sessionSeconds: 43_200 }), acmeTarget, files())
    const asked = (await sandbox.requests()).filter(({ action }) => action === 'AssumeRole')
    expect(asked.map(({ status }) => status)).toEqual([400, 200])
  })

  test('whose policy AWS has no room for are narrowed to the bucket', async () => {
    await sandbox.fault({ action: 'AssumeRole', times: 1, status: 400, code: 'PackedPolicyTooLarge' })
    await sandbox.deliver(sandbox.destinations(), acmeTarget, files())
    const asked = (await sandbox.requests()).filter(({ action }) => action === 'AssumeRole')
    expect(
      asked.map(({ session_policy: policy }) => /:::acme-events\/[^"]*/.exec(policy ?? '')?.[0]),
    ).toEqual([':::acme-events/acme/42/*', ':::acme-events/*'])
    expect(await inFolder()).toEqual(finished)
  })

  test('that really end in the middle are replaced', async () => {
    const short = await startDeliverySandbox({ world: { ...sandboxWorld(), min_session_seconds: 1 } })
    try {
      // A clock that stands still never sees a session end: S3 has to say so.
      const destinations = short.destinations({ sessionSeconds: 1, clock: { nowMs: () => 0 } })
      const destination = destinations.open(acmeTarget)
      await destination.putMarker(`${folder}first`, neverAborted)
      await vi.waitUntil(
        async () => {
          await destination.putMarker(`${folder}next`, neverAborted)
          return (await short.requests()).some(({ code }) => code === 'ExpiredToken')
        },
        { timeout: 10_000, interval: 100 },
      )
      expect((await short.requests()).at(-1)).toMatchObject({ action: 'PutObject', status: 200 })
    } finally {
      await short.close()
    }
  })

  test("this host's wrong clock is got over by the server's", async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 3_600_000 })
    const skewed = await startDeliverySandbox({ nowMs: () => performance.timeOrigin + performance.now() })
    try {
      expect(await skewed.deliver(skewed.destinations(), acmeTarget, files())).toHaveLength(3)
      expect((await skewed.requests()).map(({ code }) => code)).toContain('SignatureDoesNotMatch')
    } finally {
      await skewed.close()
    }
  })

  test("this program's own key being wrong is the operator's trouble, and told as such", async () => {
    const ownCredentials = async () => ({ ...exporter, secretAccessKey: 'wrong' })
    await expect(
      sandbox.deliver(sandbox.destinations({ ownCredentials }), acmeTarget, []),
    ).rejects.toMatchObject({ code: 'OWN_CREDENTIALS_INVALID', retryable: false })
    const none = async () => Promise.reject(new Error('no chain'))
    await expect(
      sandbox.deliver(sandbox.destinations({ ownCredentials: none }), acmeTarget, []),
    ).rejects.toMatchObject({ code: 'OWN_CREDENTIALS_MISSING', retryable: false })
  })
})

describe('the caller', () => {
  test('that aborts is obeyed promptly: nothing is written any more and bodies are destroyed', async () => {
    const abort = new AbortController()
    const stuck = { ...exportFile('part-00009-stuck.json.gz'), lengthBytes: 1_000_000 }
    let body: Readable | undefined
    stuck.open = () => {
      body = new Readable({ read() {} })
      body.push(Buffer.alloc(1000))
      setImmediate(() => abort.abort(new Error('shutting down')))
      return body
    }
    const delivery = { folder, files: inOrder([stuck, ...files()]), uploadsMax: 2, checkpoint: () => {} }
    await expect(
      deliverFolder(sandbox.destinations().open(acmeTarget), { ...delivery, signal: abort.signal }),
    ).rejects.toThrow('shutting down')
    expect(body?.destroyed).toBe(true)
    expect(await inFolder()).not.toContain('complete')
  })

  test('that has lost its lease is stopped before the next change, retries included', async () => {
    let isLost = false
    const checkpoint = () => {
      if (isLost) throw new PenstockError('outside', 'RUN_LEASE_LOST', 'the run went to another worker')
    }
    await sandbox.fault({ action: 'PutObject', key: 'part-', status: 503 })
    const destinations = sandbox.destinations({
      wait: async () => {
        isLost = true
      },
    })
    const delivery = {
      folder,
      files: inOrder([exportFile('part-00000-a.json.gz')]),
      uploadsMax: 2,
      checkpoint,
    }
    await expect(
      deliverFolder(destinations.open(acmeTarget), { ...delivery, signal: neverAborted }),
    ).rejects.toMatchObject({ code: 'RUN_LEASE_LOST' })
    expect(count(await sandbox.requests(), 'PutObject')).toBe(1)
  })

  test('whose own bytes fail hears of that, not of the connection that was broken off', async () => {
    const broken = exportFileOf('part-00000-a.json.gz', Buffer.alloc(500_000))
    const open = vi.fn(() =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(1000)
          throw new PenstockError('invariant', 'STORE_MEMBER_CORRUPT', 'a member does not fit its checksum')
        })(),
      ),
    )
    await expect(
      sandbox.deliver(sandbox.destinations(), acmeTarget, [{ ...broken, open }]),
    ).rejects.toMatchObject({ code: 'STORE_MEMBER_CORRUPT' })
    expect(open).toHaveBeenCalledTimes(1)
    expect(await inFolder()).toEqual([])
  })

  test('whose checksum does not fit is refused by S3 itself, after the tries that a broken line would need', async () => {
    const wrong = { ...exportFile('part-00000-a.json.gz'), crc32: 1 }
    await expect(sandbox.deliver(sandbox.destinations(), acmeTarget, [wrong])).rejects.toMatchObject({
      code: 'S3_CHECKSUM_MISMATCH',
      retryable: true,
    })
    expect(await inFolder()).toEqual([])
  })
})

test('no secret gets into errors or logs', async () => {
  const lines: string[] = []
  const log = silentLog.child({}, { level: 'silent' })
  const record = (...args: unknown[]) => lines.push(inspect(args, { depth: 20, showHidden: true }))
  Object.assign(log, { info: record, warn: record })
  const errors: unknown[] = []
  let sent: string[] = []
  const server = createServer((request, response) => {
    const token = String(request.headers['x-amz-security-token'])
    sent = [token, exporter.secretAccessKey]
    const body = `<Error><Code>InvalidToken</Code><Message>bad ${token}</Message><Token-0>${token}</Token-0></Error>`
    response.writeHead(400, { 'content-type': 'application/xml' }).end(body)
  })
  const env = { AWS_ENDPOINT_URL: sandbox.url, AWS_ENDPOINT_URL_S3: await listen(server) }
  await sandbox
    .deliver(sandbox.destinations({ env, log }), { ...acmeTarget, roleArn: acme.role }, [])
    .catch((error: unknown) => errors.push(error))
  server.closeAllConnections()
  server.close()
  expect(errors).toMatchObject([{ code: 'S3_SESSION_INVALID' }])
  const told = [...lines, inspect(errors, { depth: 20, showHidden: true })].join('\n')
  expect(sent[0]?.length).toBeGreaterThan(40)
  for (const secret of sent) expect(told).not.toContain(secret)
})

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
