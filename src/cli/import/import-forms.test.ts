/** Every form that events may lie in, against the real routes. */
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestFolder, runImport } from '../../../test/support/import-run.ts'
import { importEvent, startIngestServer } from '../../../test/support/ingest-server.ts'

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

const events = Array.from({ length: 5 }, (_, n) => importEvent({ n, text: `ü "${n}" ]},[{ \\` }))
const ids = events.map(({ properties }) => properties.$insert_id)
const lines = events.map((event) => JSON.stringify(event))

const forms: Record<string, string> = {
  'newline-delimited': `${lines.join('\n')}\n`,
  'without a last newline': lines.join('\n'),
  'with CRLF': `${lines.join('\r\n')}\r\n`,
  'with a byte order mark': `\uFEFF${lines.join('\n')}\n`,
  'with blank lines': `\n\n${lines.join('\n\n')}\n\n`,
  'a JSON array': JSON.stringify(events),
  'a printed JSON array': JSON.stringify(events, null, 2),
  'a JSON array with an event a line': `[\r\n${lines.join(',\r\n')}\r\n]\r\n`,
  'two JSON arrays': `${JSON.stringify(events.slice(0, 2))}\n${JSON.stringify(events.slice(2))}`,
}

const packings: Record<string, (content: string) => Uint8Array> = {
  plain: (content) => Buffer.from(content),
  gzip: (content) => gzipSync(content),
  'gzip of two members': (content) => {
    const middle = Math.floor(content.length / 2)
    return Buffer.concat([gzipSync(content.slice(0, middle)), gzipSync(content.slice(middle))])
  },
}

const cases = Object.entries(forms).flatMap(([form, content]) =>
  Object.entries(packings).map(([packing, pack]) => ({ form, packing, bytes: pack(content) })),
)

function storedIds(): unknown[] {
  return server.stored.map(({ properties }) => properties.$insert_id)
}

describe.each(cases)('$form, $packing', ({ bytes }) => {
  test('from a file, whatever its name', async () => {
    const file = await folder.write('events.txt', bytes)
    const result = await runImport({ files: [file], url: new URL(server.url) })
    expect(result).toMatchObject({ outcome: 'finished', events: 5, imported: 5, refused: 0, brokenFiles: [] })
    expect(storedIds()).toEqual(ids)
    expect(server.stored.map(({ properties }) => properties.text)).toEqual(
      events.map(({ properties }) => (properties as { text?: string }).text),
    )
  })

  test('from standard input in single bytes', async () => {
    const stdin = Readable.from([...bytes].map((value) => Buffer.from([value])))
    const result = await runImport({ files: ['-'], url: new URL(server.url) }, { stdin })
    expect(result).toMatchObject({ outcome: 'finished', imported: 5, refused: 0 })
    expect(storedIds()).toEqual(ids)
  })
})

test('an empty file is imported: it holds nothing', async () => {
  for (const content of [Buffer.alloc(0), gzipSync(''), Buffer.from('[]')]) {
    const file = await folder.write('empty', content)
    const result = await runImport({ files: [file], url: new URL(server.url) })
    expect(result).toMatchObject({ outcome: 'finished', events: 0, imported: 0, refused: 0, brokenFiles: [] })
  }
})

test('several files and standard input go in one after the other', async () => {
  const first = await folder.write('first.ndjson', `${lines[0]}\n${lines[1]}`)
  const last = await folder.write('last.json', `[${lines[4]}]`)
  const stdin = Readable.from([Buffer.from(`${lines[2]}\n${lines[3]}`)])
  const result = await runImport({ files: [first, '-', last], url: new URL(server.url) }, { stdin })
  expect(result).toMatchObject({ outcome: 'finished', events: 5, imported: 5 })
  expect(storedIds()).toEqual(ids)
})

test('a file that breaks off gives what stands before the break, and the other files go in', async () => {
  const packed = gzipSync(`${lines[0]}\n${lines[1]}\n`)
  const broken = await folder.write('broken.gz', packed.subarray(0, packed.length - 10))
  const open = await folder.write('open.json', `[${lines[2]},\n${lines[3]?.slice(0, 20)}`)
  const whole = await folder.write('whole.json', `${lines[4]}\n`)
  const result = await runImport({ files: [broken, open, whole], url: new URL(server.url) })
  expect(result).toMatchObject({ outcome: 'finished', refused: 0, error: undefined })
  expect(result.brokenFiles.map(({ message }) => message)).toEqual([
    `${broken} can't be read: unexpected end of file`,
    `${open} can't be read: line 2: the JSON array is not closed`,
  ])
  expect(storedIds()).toContain(ids[2])
  expect(storedIds()).toContain(ids[4])
})

test('what Penstock has exported is stored as it was, its milliseconds and digits too', async () => {
  const time = 1_700_000_000
  const stamps = { mp_processing_time_ms: 1, big: '<big>' }
  const exported = [
    importEvent({ time, ...stamps, mp_event_time_ms: time * 1000 + 250 }),
    // Stamps that are of another time, and no stamps: for the server to replace.
    importEvent({ time, ...stamps, mp_event_time_ms: time * 1000 - 1 }),
    importEvent({ time, ...stamps, mp_event_time_ms: 'x' }),
    importEvent({ time, ...stamps, text: '"mp_event_time_ms"' }),
  ]
  const text = exported
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('')
    .replaceAll('"<big>"', '12345678901234567890')
  const lines: string[] = []
  const remembering = await startIngestServer({
    append: async (batch) => {
      lines.push(...Buffer.from(batch.lines).toString().trimEnd().split('\n'))
    },
  })
  const file = await folder.write('exported.ndjson', text)
  expect(await runImport({ files: [file], url: new URL(remembering.url) })).toMatchObject({ imported: 4 })
  await remembering.close()
  const kept = lines.map((line) => line.replace(/"mp_processing_time_ms":\d+/, '"mp_processing_time_ms":1'))
  const [first, ...others] = text.trimEnd().split('\n')
  expect(kept).toEqual([first, ...others.map((line) => line.replace(/,"mp_event_time_ms":[^,}]+/, ''))])
})

test('a form that is not read here is named', async () => {
  const zstd = await folder.write('events.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]))
  const utf16 = await folder.write('events.txt', Buffer.from(`\uFEFF${lines[0]}`, 'utf16le'))
  const result = await runImport({ files: [zstd, utf16], url: new URL(server.url) })
  expect(result.events).toBe(0)
  expect(result.brokenFiles.map(({ message }) => message)).toEqual([
    expect.stringContaining('it is zstd'),
    expect.stringContaining('it is UTF-16 text'),
  ])
})
