/** The event store on S3 while that S3 fails: what passes is tried again, what does not surfaces, no byte is wrong. */
import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBlobStore, refuseUnusable } from '../../src/compose-store.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { BlobStore } from '../../src/data/store/blob-store.ts'
import { openS3BlobStore } from '../../src/data/store/s3/s3-blob-store.ts'
import type { S3StoreOptions } from '../../src/data/store/s3/s3-store-options.ts'
import { createSegmentIds } from '../../src/data/store/segment-id.ts'
import { segmentName } from '../../src/data/store/segment-name.ts'
import type { SegmentId } from '../../src/ids.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { startFlawedServer } from '../support/flawed-server.ts'
import { silentLog } from '../support/silent-log.ts'
import {
  type StoreSandbox,
  startStoreSandbox,
  storeBucket,
  storeKeys,
  storeWorld,
} from '../support/store-sandbox.ts'

const nextId = createSegmentIds({ nowMs: Date.now })
const content = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 13 + (index >> 9)) % 251)

let sandbox: StoreSandbox
let opened: BlobStore[] = []
let blobs: BlobStore

beforeAll(async () => {
  sandbox = await startStoreSandbox()
})
beforeEach(async () => {
  blobs = await open()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await sandbox.control.clearFaults()
  await sandbox.control.changeWorld(storeWorld())
  for (const store of opened) store.close()
  opened = []
})
afterAll(() => sandbox.close())

async function open(changes: Partial<S3StoreOptions> = {}): Promise<BlobStore> {
  const store = await openS3BlobStore(sandbox.options(changes))
  opened.push(store)
  return store
}

const listed = async () => (await Array.fromAsync(blobs.list())).map(({ id }) => id)

describe('a fault that passes', () => {
  test.each([
    ['SlowDown', { status: 503, code: 'SlowDown', times: 4 }],
    ['InternalError', { status: 500, code: 'InternalError', times: 2 }],
    ['a lost answer', { answer_lost: true, times: 2 }],
    ['a reset', { connection_reset: true, times: 2 }],
    ['a connection that is cut', { cut_after_bytes: 0, times: 2 }],
    ['a clock that is wrong', { clock_skew_ms: 3_600_000, times: 1 }],
    ['an error with status 200', { status: 200, times: 1 }],
  ])('%s: is tried again by every request', async (_, fault) => {
    const id = nextId()
    await sandbox.control.fault({ action: 'PutObject', ...fault })
    await blobs.write(id, content)
    await sandbox.control.fault({ action: 'GetObject', ...fault })
    expect(Buffer.compare(await blobs.read(id, 0, content.length), content)).toBe(0)
    await sandbox.control.fault({ action: 'ListObjectsV2', ...fault })
    expect(await listed()).toContain(id)
    await sandbox.control.fault({ action: 'DeleteObject', ...fault })
    await blobs.remove([id])
    expect(await listed()).not.toContain(id)
    const struck = (await sandbox.control.requests()).filter(({ fault: hit, key }) => hit && key !== null)
    expect(struck.length).toBeGreaterThan(0)
  })

  test('an upload that is cut is sent again, whole', async () => {
    const id = nextId()
    await sandbox.control.fault({ action: 'PutObject', times: 2, cut_after_bytes: 300_000 })
    await blobs.write(id, content)
    expect(Buffer.compare(await blobs.read(id, 0, content.length), content)).toBe(0)
  })

  test('what is being read when the connection breaks goes on from there, in every way of reading', async () => {
    const id = nextId()
    await blobs.write(id, content)
    const broken = { action: 'GetObject', times: 5, cut_after_bytes: 130_000 }
    await sandbox.control.fault(broken)
    const chunks: Uint8Array[] = []
    for await (const chunk of blobs.stream(id, 5, 900_000, new Uint8Array(50_000))) chunks.push(chunk.slice())
    expect(Buffer.compare(Buffer.concat(chunks), content.subarray(5, 900_005))).toBe(0)
    await sandbox.control.fault(broken)
    expect(Buffer.compare(await blobs.read(id, 5, 900_000), content.subarray(5, 900_005))).toBe(0)
    await sandbox.control.fault(broken)
    const ranges = [
      { segmentId: id, offset: 0, length: 100_000 },
      { segmentId: id, offset: 120_000, length: 700_000 },
    ]
    const read = await blobs.readRanges(ranges, () => Promise.reject(new Error('no thread is needed')))
    expect(read.map((bytes) => Buffer.compare(bytes, content.subarray(0, 100_000)))[0]).toBe(0)
    expect(Buffer.compare(read[1] ?? Buffer.alloc(0), content.subarray(120_000, 820_000))).toBe(0)
  })

  test('a body that stands still is asked for again from where it stands', async () => {
    const server = await startFlawedServer((request, response) => {
      const [, from = 0, last = 0] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')?.map(Number) ?? []
      const isFirst = from === 100
      response.writeHead(206, {
        'content-length': last - from + 1,
        'content-range': `bytes ${from}-${last}/${content.length}`,
      })
      if (isFirst) response.write(content.subarray(from, from + 70_000))
      else response.end(content.subarray(from, last + 1))
    })
    try {
      const store = await open({ endpoint: server.url, readMsMax: 400 })
      expect(Buffer.compare(await store.read(nextId(), 100, 200_000), content.subarray(100, 200_100))).toBe(0)
      expect(server.asked.map(({ headers }) => headers.range)).toEqual([
        'bytes=100-200099',
        'bytes=70100-200099',
      ])
    } finally {
      await server.close()
    }
  })

  test('what arrives changed is refused by S3, and sent again', async () => {
    let flips = 2
    const proxy = await startFlawedServer((request, response) => {
      const passed = httpRequest(`${sandbox.url}${request.url}`, {
        method: request.method,
        headers: request.headers,
      })
      let isFlipped = request.method !== 'PUT' || flips-- <= 0
      request.on('data', (chunk: Buffer) => {
        if (!isFlipped) chunk[0] = (chunk[0] ?? 0) ^ 1
        isFlipped = true
        passed.write(chunk)
      })
      request.on('end', () => passed.end())
      passed.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      })
    })
    try {
      const id = nextId()
      await (await open({ endpoint: proxy.url })).write(id, content)
      expect(flips).toBe(-1)
      expect(Buffer.compare(await blobs.read(id, 0, content.length), content)).toBe(0)
    } finally {
      await proxy.close()
    }
  })
})

test('a reader that stops takes no more from S3 than connections hold', async () => {
  const length = 200_000_000
  let sent = 0
  const server = await startFlawedServer(async (_request, response) => {
    response.writeHead(206, { 'content-length': length, 'content-range': `bytes 0-${length - 1}/${length}` })
    const piece = Buffer.alloc(100_000)
    for (; sent < length; sent += piece.length) {
      await new Promise((resolve) => response.write(piece, resolve))
      if (response.destroyed) return
    }
    response.end()
  })
  try {
    const store = await open({ endpoint: server.url })
    const chunks = store.stream(nextId(), 0, length, new Uint8Array(262_144))[Symbol.asyncIterator]()
    expect((await chunks.next()).done).toBe(false)
    // Until it stands still: nobody reads on.
    for (let before = -1; before !== sent; ) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(sent).toBeLessThan(20_000_000)
    let read = 0
    for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) read += chunk.value.length
    expect(read).toBeGreaterThan(length - 1_000_000)
  } finally {
    await server.close()
  }
})

test('a stream is asked for at once, and returned unread it lets go, whatever S3 is at', async () => {
  const left: string[] = []
  const server = await startFlawedServer((request, response) => {
    const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1])
    response.on('close', () => left.push(`${from}`))
    // The first is answered in part, the second not at all.
    if (from !== 0) return
    response.writeHead(206, { 'content-length': 50, 'content-range': 'bytes 0-49/100' })
    response.write(content.subarray(0, 10))
  })
  try {
    const store = await open({ endpoint: server.url, readMsMax: 60_000 })
    const streams = [0, 50].map((offset) => store.stream(nextId(), offset, 50, new Uint8Array(100)))
    await expect.poll(() => server.asked.length).toBe(2)
    await Promise.allSettled(streams.map((stream) => stream[Symbol.asyncIterator]().return?.()))
    await expect.poll(() => left.sort()).toEqual(['0', '50'])
    expect(server.asked).toHaveLength(2)
  } finally {
    await server.close()
  }
})

describe('a fault that stays', () => {
  test.each([
    ['SlowDown', { status: 503, code: 'SlowDown' }, 'asks for fewer requests'],
    ['cuts', { cut_after_bytes: 1000 }, 'the connection broke'],
    ['silence', { delay_ms: 60_000 }, 'no answer'],
  ])('%s: the write fails in time, and what it left is taken away', async (_, fault, words) => {
    const store = await open({ writeMsMax: 600 })
    const id = nextId()
    await sandbox.control.fault({ action: 'PutObject', ...fault })
    await expect(store.write(id, content)).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
      retryable: true,
      message: expect.stringContaining(words),
    })
    await vi.waitFor(async () => {
      const removals = (await sandbox.control.requests()).filter(({ action }) => action === 'DeleteObject')
      expect(removals.at(-1)?.key).toContain(id)
    })
    expect(await listed()).not.toContain(id)
  })

  test('a write whose answers were all lost failed, though it arrived: it is taken away', async () => {
    const store = await open({ writeMsMax: 300 })
    const id = nextId()
    await sandbox.control.fault({ action: 'PutObject', answer_lost: true })
    await expect(store.write(id, content)).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    await vi.waitFor(async () => expect(await listed()).not.toContain(id))
  })

  test('closed meanwhile, nothing is tried again, not even to take away what it left', async () => {
    const waits = Promise.withResolvers<void>()
    // Longer than anybody waits, but for the end of it.
    const wait = (_ms: number, signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        waits.resolve()
      })
    const store = await open({ wait })
    await sandbox.control.fault({ status: 503, code: 'SlowDown' })
    const writing = store.write(nextId(), content).catch((cause: unknown) => cause)
    await waits.promise
    const before = await sandbox.control.requests()
    store.close()
    expect(await writing).toMatchObject({ message: 'the event store is closed' })
    expect(await sandbox.control.requests()).toHaveLength(before.length)
  })

  test('a read that gets nothing fails in time', async () => {
    const store = await open({ readMsMax: 300 })
    const id = nextId()
    await blobs.write(id, content)
    await sandbox.control.fault({ action: 'GetObject', status: 503 })
    const failed = { code: 'STORE_READ_FAILED', retryable: true }
    await expect(store.read(id, 0, 10)).rejects.toMatchObject(failed)
    const stream = store.stream(id, 0, 10, new Uint8Array(10))
    await expect(Array.fromAsync(stream)).rejects.toMatchObject(failed)
    const ranges = [{ segmentId: id, offset: 0, length: 5 }]
    await expect(store.readRanges(ranges, () => Promise.reject())).rejects.toMatchObject(failed)
    await sandbox.control.fault({ action: 'ListObjectsV2', status: 503 })
    await expect(Array.fromAsync(store.list())).rejects.toMatchObject(failed)
  })
})

describe('a refusal', () => {
  const inBucket = {
    Effect: 'Allow',
    Resource: [`arn:aws:s3:::${storeBucket}`, `arn:aws:s3:::${storeBucket}/*`],
  }

  test('surfaces at once, names what is to be allowed, and tells no secret', async () => {
    await sandbox.control.changeWorld(
      storeWorld([{ Statement: { ...inBucket, Action: ['s3:GetObject', 's3:ListBucket'] } }]),
    )
    const before = (await sandbox.control.requests()).length
    const error: unknown = await blobs.write(nextId(), content).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'STORE_WRITE_FAILED',
      retryable: true,
      message: expect.stringContaining('allow this process s3:PutObject'),
    })
    const puts = (await sandbox.control.requests()).slice(before)
    expect(puts.filter(({ action }) => action === 'PutObject')).toHaveLength(1)
    expect(inspect(error, { depth: 20 })).not.toContain(storeKeys.secretAccessKey)
  })

  test('a segment that is not there is missing, also to who may not list', async () => {
    await sandbox.control.changeWorld(storeWorld([{ Statement: { ...inBucket, Action: 's3:GetObject' } }]))
    await expect(blobs.read(nextId(), 0, 1)).rejects.toMatchObject({ code: 'STORE_SEGMENT_MISSING' })
    expect(await blobs.trouble()).toMatchObject({
      words: expect.stringContaining('allow this process s3:ListBucket'),
    })
  })

  test('the permissions that the guide names are enough, and each is needed', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/guides/store.md'), 'utf8')
    const json = /```json\n(\{[\s\S]*?)```/.exec(guide)?.[1] ?? ''
    const policy = JSON.parse(json.replaceAll('acme-penstock', storeBucket))
    const allowed: string[] = policy.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action)
    await sandbox.control.changeWorld(storeWorld([policy]))
    await blobs.probe()
    for (const without of allowed) {
      const left = policy.Statement.map((statement: { Action: string | string[] }) => ({
        ...statement,
        Action: [statement.Action].flat().filter((action) => action !== without),
      })).filter(({ Action }: { Action: string[] }) => Action.length > 0)
      await sandbox.control.changeWorld(storeWorld([{ ...policy, Statement: left }]))
      await expect(blobs.probe(), without).rejects.toMatchObject({
        message: expect.stringContaining(without),
      })
    }
  })

  test('a bucket that is gone is told by every request, and not taken for a segment that is', async () => {
    const id = nextId()
    await blobs.write(id, content)
    await sandbox.control.changeWorld({ ...storeWorld(), buckets: [] })
    await expect(blobs.read(id, 0, 10)).rejects.toMatchObject({
      code: 'STORE_READ_FAILED',
      message: expect.stringContaining('no such bucket'),
    })
    await expect(blobs.write(nextId(), content)).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    await expect(Array.fromAsync(blobs.list())).rejects.toMatchObject({ code: 'STORE_READ_FAILED' })
    await expect(blobs.probe()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    expect(await blobs.trouble()).toMatchObject({
      isLasting: true,
      words: expect.stringContaining('no such bucket'),
    })
  })

  test('the start is refused for what stays, and for nothing that may pass', async () => {
    const start = async (env: Record<string, string>) => {
      const store = await openBlobStore(readConfig({ ...sandbox.env, ...env }), silentLog)
      opened.push(store)
      await refuseUnusable(store, silentLog)
    }
    await start({})
    const unusable = (words: string) => ({ code: 'STORE_UNUSABLE', message: expect.stringContaining(words) })
    await expect(start({ PENSTOCK_STORE_URL: 's3://no-such-bucket/x' })).rejects.toMatchObject(
      unusable('no such bucket'),
    )
    await expect(start({ PENSTOCK_STORE_S3_SECRET_ACCESS_KEY: 'wrong' })).rejects.toMatchObject(
      unusable('credentials are wrong'),
    )
    await expect(start({ PENSTOCK_STORE_S3_REGION: 'us-east-1' })).rejects.toMatchObject(
      unusable('the bucket is in eu-central-1'),
    )
    await start({ PENSTOCK_STORE_S3_ENDPOINT: 'http://127.0.0.1:9' })
    await sandbox.control.fault({ status: 503, times: 1 })
    await start({})
  })
})

test('a store of more than one page is listed whole, in order', async () => {
  const ids = [nextId(), nextId(), nextId()]
  const pages = [
    { keys: [segmentName(ids[0] as SegmentId), 'something/else'], next: 'a token' },
    { keys: [], next: 'another' },
    { keys: ids.slice(1).map(segmentName) },
  ]
  const server = await startFlawedServer(({ url = '' }, response) => {
    const token = new URL(url, 'http://s3').searchParams.get('continuation-token')
    const { keys, next } = pages[token === null ? 0 : pages.findIndex((page) => page.next === token) + 1] ?? {
      keys: [],
    }
    const contents = keys.map((key) => `<Contents><Key>events/${key}</Key><Size>7</Size></Contents>`)
    const more = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
    response.end(
      `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`,
    )
  })
  try {
    const store = await open({ endpoint: server.url })
    expect(await Array.fromAsync(store.list())).toEqual(ids.map((id) => ({ id, byteLength: 7 })))
    expect(server.asked).toHaveLength(3)
  } finally {
    await server.close()
  }
})

test('nothing of the store goes where destinations are, or with their credentials', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIASOMEBODYELSE0001')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'somebody-else')
  const store = await open()
  await store.probe()
  const principals = new Set((await sandbox.control.requests()).map(({ principal }) => principal))
  expect([...principals].filter((principal) => principal !== null)).toEqual([
    'arn:aws:iam::999999999999:user/penstock-store',
  ])
  // Of AWS itself: by its own name, whatever the environment says of destinations.
  const hosts: string[] = []
  const ofAws = await open({
    endpoint: undefined,
    pathStyle: false,
    writeMsMax: 1,
    log: { ...silentLog, info: () => {} },
  })
  await ofAws.write(nextId(), content.subarray(0, 1)).catch((error: Error) => hosts.push(error.message))
  expect(hosts.join()).not.toContain('127.0.0.1')
})

test('what it asks of S3 is counted apart from what destinations are asked', async () => {
  const metrics = createMetrics(() => 0)
  const store = await openBlobStore(readConfig(sandbox.env), silentLog, metrics)
  opened.push(store)
  await sandbox.control.fault({ action: 'PutObject', status: 503, times: 1 })
  await store.write(nextId(), content)
  const { values } = await metrics.awsRequests.get()
  expect(values.map(({ labels, value }) => ({ ...labels, value }))).toEqual([
    { target: 'store', action: 'PutObject', outcome: 'throttled', value: 1 },
    { target: 'store', action: 'PutObject', outcome: 'ok', value: 1 },
  ])
})
