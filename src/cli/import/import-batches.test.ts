/** What requests look like: their size, their bodies, and how many there are at a time. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTestFolder, runImport, testSecret } from '../../../test/support/import-run.ts'
import { type Script, startScriptedServer } from '../../../test/support/scripted-import-server.ts'
import { batchBytesMax } from './batch.ts'

type Server = Awaited<ReturnType<typeof startScriptedServer>>

const servers: Server[] = []
let folder: Awaited<ReturnType<typeof createTestFolder>>

beforeAll(async () => {
  folder = await createTestFolder()
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

afterAll(() => folder.remove())

async function start(script?: Script): Promise<Server> {
  const server = await startScriptedServer(script)
  servers.push(server)
  return server
}

const linesOf = (count: number) =>
  Array.from({ length: count }, (_, n) => `{"event":"e","properties":{"n":${n}}}`)

test.each([
  [1, [1]],
  [1_999, [1_999]],
  [2_000, [2_000]],
  [2_001, [2_000, 1]],
  [4_000, [2_000, 2_000]],
  [4_001, [2_000, 2_000, 1]],
])('%d events make requests of %j', async (count, sizes) => {
  const server = await start()
  const lines = linesOf(count)
  const file = await folder.write('events.ndjson', lines.join('\n'))
  const result = await runImport({ files: [file], url: server.url, parallel: 1 })
  expect(result).toMatchObject({ outcome: 'finished', events: count, imported: count })
  expect(server.requests.map((request) => request.lines.length)).toEqual(sizes)
  expect(server.requests.flatMap((request) => request.lines)).toEqual(lines)
})

test('a request says who sends and what: Basic with the secret alone, gzip, lines of JSON, strict', async () => {
  const server = await start()
  const file = await folder.write('events.ndjson', '{}')
  await runImport({ files: [file], url: new URL('/below/', server.url) })
  const [request] = server.requests
  expect(request?.url).toBe('/below/import?strict=1')
  expect(request?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from(`${testSecret}:`).toString('base64')}`,
    'content-type': 'application/x-ndjson',
    'content-encoding': 'gzip',
  })
})

test('large events share a request up to its bytes, and no further', async () => {
  const server = await start()
  const text = (name: string) => `{"a":"${name.repeat(900_000)}"}`
  const lines = [...'abcdefghijklmnopqrst'].map(text)
  const file = await folder.write('large.ndjson', lines.join('\n'))
  const result = await runImport({ files: [file], url: server.url, parallel: 1 })
  expect(result).toMatchObject({ imported: 20, refused: 0 })
  for (const request of server.requests) {
    expect(Buffer.byteLength(`${request.lines.join('\n')}\n`)).toBeLessThanOrEqual(batchBytesMax)
  }
  expect(server.requests.map((request) => request.lines.length)).toEqual([9, 9, 2])
  expect(server.requests.flatMap((request) => request.lines)).toEqual(lines)
})

test('texts leave as they came: digits, escapes, order and repeated keys', async () => {
  const text = String.raw`{"b":1.10,"a":12345678901234567890,"a":1e400,"s":"\u00e9\/é","n":-0}`
  for (const content of [text, `[ ${text} ]`]) {
    const server = await start()
    const file = await folder.write('exact.json', content)
    await runImport({ files: [file], url: server.url })
    expect(server.requests[0]?.lines).toEqual([text])
  }
})

test('an element on several lines leaves on one, a space for each line break', async () => {
  const server = await start()
  const file = await folder.write('printed.json', '[{\n "a": 1.0,\n "b": "\\n"\n}]')
  await runImport({ files: [file], url: server.url })
  expect(server.requests[0]?.lines).toEqual(['{  "a": 1.0,  "b": "\\n" }'])
})

test('as many requests as asked for are under way at once, never more', async () => {
  let underWay = 0
  let most = 0
  let release = (): void => undefined
  const all = new Promise<void>((resolve) => {
    release = resolve
  })
  const server = await start(async () => {
    underWay += 1
    most = Math.max(most, underWay)
    // Only as many requests at once open the gate: fewer would wait here for ever.
    if (underWay === 3) release()
    await all
    underWay -= 1
    return undefined
  })
  const file = await folder.write('events.ndjson', linesOf(20_000).join('\n'))
  const result = await runImport({ files: [file], url: server.url, parallel: 3 })
  expect(result.imported).toBe(20_000)
  expect(most).toBe(3)
})
