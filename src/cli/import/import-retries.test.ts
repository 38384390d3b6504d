/** Servers in trouble, connections that break, and answers that no further try would change. */
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTestFolder, runImport } from '../../../test/support/import-run.ts'
import { type Script, startScriptedServer } from '../../../test/support/scripted-import-server.ts'

type Server = Awaited<ReturnType<typeof startScriptedServer>>

const servers: Server[] = []
let folder: Awaited<ReturnType<typeof createTestFolder>>
let file: string

beforeAll(async () => {
  folder = await createTestFolder()
  const lines = Array.from({ length: 5_000 }, (_, n) => `{"n":${n}}`)
  file = await folder.write('events.ndjson', lines.join('\n'))
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

afterAll(() => folder.remove())

async function start(script: Script): Promise<Server> {
  const server = await startScriptedServer(script)
  servers.push(server)
  return server
}

/** Waits take no time, and move the clock on by as much. */
function fakeTime() {
  const waits: number[] = []
  let nowMs = Date.now()
  return {
    waits,
    deps: {
      clock: { nowMs: () => nowMs },
      random: () => 0.5,
      wait: async (ms: number) => {
        waits.push(ms)
        nowMs += ms
      },
    },
  }
}

test.each([
  ['429', { status: 429, body: '{"error":"Project exceeded rate limits."}' }],
  ['503', { status: 503 }],
  ['502 in HTML', { status: 502, body: '<html>Bad Gateway</html>' }],
  ['500', { status: 500 }],
  ['408', { status: 408 }],
  ['a connection that is cut', 'cut' as const],
])('%s is tried again until it passes', async (_name, trouble) => {
  const server = await start((_request, index) => (index < 4 ? trouble : undefined))
  const { deps, waits } = fakeTime()
  const result = await runImport({ files: [file], url: server.url }, deps)
  expect(result).toMatchObject({ outcome: 'finished', imported: 5_000, refused: 0, error: undefined })
  expect(server.requests).toHaveLength(7)
  expect(waits).toHaveLength(4)
})

test('a request that is sent again is the same one', async () => {
  const server = await start((_request, index) => (index === 0 ? { status: 503 } : undefined))
  await runImport({ files: [file], url: server.url, parallel: 1 }, fakeTime().deps)
  expect(server.requests[1]?.lines).toEqual(server.requests[0]?.lines)
})

test('waits grow with each try, up to a bound, and go on after the time that the server asks for', async () => {
  const asked = { status: 429, headers: { 'retry-after': '7' } }
  const server = await start((_request, index) =>
    index < 7 ? { status: 503 } : index === 7 ? asked : undefined,
  )
  const { deps, waits } = fakeTime()
  const small = await folder.write('small.ndjson', '{}')
  await runImport({ files: [small], url: server.url }, deps)
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 12_000])
})

test('after the time that it is given it gives up and says why', async () => {
  const server = await start(() => ({ status: 503, body: '{"error":"the disk is full"}' }))
  const { deps, waits } = fakeTime()
  const result = await runImport({ files: [file], url: server.url, retryMsMax: 20_000, parallel: 1 }, deps)
  expect(result).toMatchObject({ outcome: 'failed', imported: 0, refused: 0 })
  expect(result.error).toMatchObject({ code: 'IMPORT_GAVE_UP', retryable: true })
  expect(result.error?.message).toContain(
    'the server answers 503: the disk is full; gave up after 20 seconds',
  )
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(20_000)
})

test('a server that is not there is waited for, then given up', async () => {
  const { deps } = fakeTime()
  const reasons: string[] = []
  const onRetry = (reason: string) => reasons.push(reason)
  const url = new URL(`http://127.0.0.1:${await freePort()}`)
  const result = await runImport({ files: [file], url, onRetry }, deps)
  expect(result.error).toMatchObject({ code: 'IMPORT_GAVE_UP' })
  expect(reasons[0]).toMatch(/^the server can't be reached: .*ECONNREFUSED/)
})

test('a request that is too large for the server is halved until it is not', async () => {
  const server = await start(({ lines }) =>
    lines.length > 300 ? { status: 413, body: '<html>' } : undefined,
  )
  const result = await runImport({ files: [file], url: server.url, parallel: 1 }, fakeTime().deps)
  expect(result).toMatchObject({ outcome: 'finished', imported: 5_000, refused: 0 })
  const taken = server.requests.filter(({ lines }) => lines.length <= 300).flatMap(({ lines }) => lines)
  expect(taken).toEqual(Array.from({ length: 5_000 }, (_, n) => `{"n":${n}}`))
})

test('an event that is too large for the server even alone is refused, and no other', async () => {
  const server = await start(({ lines }) =>
    lines.includes('{"n":1234}') ? { status: 413, body: '{"error":"too many objects"}' } : undefined,
  )
  const result = await runImport({ files: [file], url: server.url }, fakeTime().deps)
  expect(result).toMatchObject({ outcome: 'finished', imported: 4_999, refused: 1 })
  expect(result.firstRejects).toEqual([
    { file, line: 1_235, error: { field: 'event', message: 'too many objects' }, event: '{"n":1234}' },
  ])
})

describe('an answer that no further try would change stops the import', () => {
  test.each([
    [401, '{"code":401,"error":"Invalid credentials"}', '401: Invalid credentials. Give the project'],
    [403, '', '403. Give the project'],
    [404, 'not found', '404. Nothing takes events at'],
    [
      400,
      '{"code":400,"error":"request body is not valid JSON"}',
      '400: request body is not valid JSON. Sending',
    ],
    [415, '{"error":"Content-Type is not supported"}', '415: Content-Type is not supported. Sending'],
  ])('%d', async (status, body, sentence) => {
    const server = await start(() => ({ status, body }))
    const { deps, waits } = fakeTime()
    const result = await runImport({ files: [file], url: server.url, parallel: 1 }, deps)
    expect(result).toMatchObject({ outcome: 'failed', imported: 0, refused: 0 })
    expect(result.error).toMatchObject({ code: 'IMPORT_REQUEST_REFUSED', retryable: false })
    expect(result.error?.message).toContain(`the 2,000 events from ${file}:1 on with ${sentence}`)
    expect(server.requests).toHaveLength(1)
    expect(waits).toEqual([])
  })

  test('an event alone that a proxy on the way takes no request for', async () => {
    const server = await start(({ lines }) =>
      lines.length > 1 ? undefined : { status: 413, body: '<html>' },
    )
    const lone = await folder.write('lone.ndjson', '{"n":1}')
    const result = await runImport({ files: [lone], url: server.url }, fakeTime().deps)
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'IMPORT_REQUEST_REFUSED' } })
    expect(result.error?.message).toContain('A proxy on the way may allow less')
  })

  test('a certificate that is not trusted', async () => {
    const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('fetch failed', { cause })
    })
    const { deps, waits } = fakeTime()
    const result = await runImport({ files: [file], url: new URL('https://127.0.0.1') }, deps)
    vi.unstubAllGlobals()
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'IMPORT_SERVER_UNTRUSTED' } })
    expect(waits).toEqual([])
  })

  test('a redirection, whose address is told and not followed', async () => {
    const elsewhere = 'https://elsewhere.example/import'
    const server = await start(() => ({ status: 301, headers: { location: elsewhere } }))
    const result = await runImport({ files: [file], url: server.url, parallel: 1 }, fakeTime().deps)
    expect(result.error).toMatchObject({ code: 'IMPORT_REQUEST_REFUSED' })
    expect(result.error?.message).toContain(`It redirects to ${elsewhere}`)
  })

  test.each([
    ['a page of something else', { status: 200, body: '<html>Welcome</html>' }],
    ['too few events', { status: 200, body: '{"code":200,"num_records_imported":1999,"status":"OK"}' }],
    [
      'a refused event that was not in the request',
      {
        status: 400,
        body: '{"code":400,"num_records_imported":1999,"failed_records":[{"index":2000,"message":"x"}]}',
      },
    ],
  ])('an answer that accounts for %s', async (_name, answer) => {
    const server = await start(() => answer)
    const result = await runImport({ files: [file], url: server.url, parallel: 1 }, fakeTime().deps)
    expect(result).toMatchObject({ outcome: 'failed', imported: 0 })
    expect(result.error).toMatchObject({ code: 'IMPORT_ANSWER_UNEXPECTED' })
  })

  test('requests that are under way are let finish and counted', async () => {
    let refuse = (): void => undefined
    const second = new Promise<void>((resolve) => {
      refuse = resolve
    })
    const server = await start(async (_request, index) => {
      if (index === 1) {
        refuse()
        return { status: 401, body: '{"error":"Invalid credentials"}' }
      }
      await second
      return undefined
    })
    const result = await runImport({ files: [file], url: server.url, parallel: 2 }, fakeTime().deps)
    expect(result).toMatchObject({ outcome: 'failed', imported: 2_000 })
    expect(server.requests).toHaveLength(2)
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
