/** What is refused, here and by the server, is told with its place and its reason; everything else goes in. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestFolder, runImport } from '../../../test/support/import-run.ts'
import { importEvent, startIngestServer } from '../../../test/support/ingest-server.ts'
import { batchBytesMax } from './batch.ts'
import type { Reject } from './rejects.ts'

let server: Awaited<ReturnType<typeof startIngestServer>>
let folder: Awaited<ReturnType<typeof createTestFolder>>

beforeAll(async () => {
  server = await startIngestServer()
  folder = await createTestFolder()
})

beforeEach(() => {
  server.stored.length = 0
})

afterAll(async () => {
  await server.close()
  await folder.remove()
})

const good = (n: number) => JSON.stringify(importEvent({ n }))

async function readRejects(file: string): Promise<Reject[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line)).sort((a: Reject, b: Reject) => a.line - b.line)
}

test('refused here and by the server: file, line, reason and text of each', async () => {
  const untimed = JSON.stringify(importEvent({ time: 'yesterday' }))
  const anonymous = JSON.stringify(importEvent({ distinct_id: 'null' }))
  const content = [good(1), '', 'hello', untimed, good(2), '[1]', '{"event":', '7', anonymous, good(3)]
  const file = await folder.write('mixed.ndjson', content.join('\n'))
  const rejectsFile = folder.path('rejects.ndjson')
  const result = await runImport({ files: [file], url: new URL(server.url), rejectsFile })
  expect(result).toMatchObject({ outcome: 'finished', events: 9, imported: 3, refused: 6 })
  expect(server.stored.map(({ properties }) => properties.n)).toEqual([1, 2, 3])
  const rejects = await readRejects(rejectsFile)
  expect(rejects.map(({ line, error, event }) => [line, error.field, event])).toEqual([
    [3, 'event', 'hello'],
    [4, 'properties.time', untimed],
    [6, 'event', '[1]'],
    [7, 'event', '{"event":'],
    [8, 'event', '7'],
    [9, 'properties.distinct_id', anonymous],
  ])
  expect(rejects[0]).toEqual({
    file,
    line: 3,
    error: { field: 'event', message: "'event' is invalid: the text must be a JSON object" },
    event: 'hello',
  })
  expect(rejects[3]?.error.message).toBe("'event' is invalid: the text is not valid JSON")
  expect(rejects[1]?.error.message).toContain('seconds or milliseconds since the epoch')
})

test('elements of a printed array are named by the line that they begin on', async () => {
  const elements = [importEvent({ n: 1 }), importEvent({ time: 'x' }), importEvent({ n: 2 })]
  const content = JSON.stringify(elements, null, 1)
  const file = await folder.write('mixed.json', content)
  const rejectsFile = folder.path('rejects-array.ndjson')
  await runImport({ files: [file], url: new URL(server.url), rejectsFile })
  const [reject, ...others] = await readRejects(rejectsFile)
  expect(others).toEqual([])
  expect(content.split('\n').indexOf(' {', 3) + 1).toBe(reject?.line)
  expect(JSON.parse(reject?.event ?? '')).toEqual(elements[1])
})

test('refused events beyond the first request, and of several files, keep their places', async () => {
  const many = Array.from({ length: 4_500 }, (_, n) => (n % 1_000 === 999 ? `{"n":${n}}` : good(n)))
  const first = await folder.write('first.ndjson', many.join('\n'))
  const second = await folder.write('second.ndjson', many.slice(0, 1_500).join('\n'))
  const rejectsFile = folder.path('rejects-many.ndjson')
  const result = await runImport({ files: [first, second], url: new URL(server.url), rejectsFile })
  expect(result).toMatchObject({ events: 6_000, imported: 5_995, refused: 5 })
  const rejects = await readRejects(rejectsFile)
  expect(rejects.map(({ file, line, event }) => `${file}:${line} ${event}`).sort()).toEqual(
    [
      ...[1_000, 2_000, 3_000, 4_000].map((line) => `${first}:${line} {"n":${line - 1}}`),
      `${second}:1000 {"n":999}`,
    ].sort(),
  )
})

test('text that is not UTF-8 is refused alone', async () => {
  const bad = Buffer.concat([Buffer.from('{"event":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')])
  const file = await folder.write(
    'bytes',
    Buffer.concat([Buffer.from(`${good(1)}\n`), bad, Buffer.from(`\n${good(2)}`)]),
  )
  const result = await runImport({ files: [file], url: new URL(server.url) })
  expect(result).toMatchObject({ imported: 2, refused: 1 })
  expect(result.firstRejects[0]).toMatchObject({
    line: 2,
    error: { message: expect.stringContaining('UTF-8') },
  })
})

test('an event over 1 MB is refused by the server, one over the request by its size here', async () => {
  const over = JSON.stringify(importEvent({ text: 'x'.repeat(1024 * 1024) }))
  const far = JSON.stringify(importEvent({ text: 'y'.repeat(batchBytesMax) }))
  const file = await folder.write('large.ndjson', [good(1), over, far, good(2)].join('\n'))
  const rejectsFile = folder.path('rejects-large.ndjson')
  const result = await runImport({ files: [file], url: new URL(server.url), rejectsFile })
  expect(result).toMatchObject({ imported: 2, refused: 2 })
  const [second, third] = await readRejects(rejectsFile)
  expect(second).toMatchObject({ line: 2, event: over })
  expect(second?.error.message).toContain('smaller than 1048576 bytes')
  expect(third).toMatchObject({ line: 3, event: far.slice(0, 1024) })
  expect(third?.error.message).toContain(`not be longer than ${batchBytesMax} bytes`)
})

test('events that hold more objects than a request may have go in by smaller requests', async () => {
  const many = Array.from({ length: 2_000 }, () => JSON.stringify(importEvent({ list: Array(200).fill({}) })))
  const file = await folder.write('objects.ndjson', many.join('\n'))
  const result = await runImport({ files: [file], url: new URL(server.url) })
  expect(result).toMatchObject({ outcome: 'finished', imported: 2_000, refused: 0 })
  expect(server.stored).toHaveLength(2_000)
})

test('without a file the first five are kept for the report', async () => {
  const file = await folder.write('bad.ndjson', Array.from({ length: 9 }, (_, n) => `bad ${n}`).join('\n'))
  const result = await runImport({ files: [file], url: new URL(server.url) })
  expect(result).toMatchObject({ events: 9, imported: 0, refused: 9 })
  expect(result.firstRejects.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5])
})

test('a rejects file of an earlier import is replaced', async () => {
  const rejectsFile = await folder.write('old.ndjson', 'what was refused last time\n')
  const file = await folder.write('good.ndjson', good(1))
  await runImport({ files: [file], url: new URL(server.url), rejectsFile })
  expect(await readFile(rejectsFile, 'utf8')).toBe('')
})

test('a rejects file that cannot be written is told before anything is sent', async () => {
  const file = await folder.write('good.ndjson', good(1))
  const rejectsFile = folder.path('no-such-folder/rejects.ndjson')
  await expect(runImport({ files: [file], url: new URL(server.url), rejectsFile })).rejects.toMatchObject({
    code: 'IMPORT_REJECTS_UNWRITABLE',
  })
  expect(server.stored).toEqual([])
})
