import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventText } from './event-text.ts'
import { readEvents } from './read-events.ts'

const bytesMax = 2_000

async function* inChunks(content: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size)
}

async function read(content: string | Buffer, chunkSize = 7): Promise<EventText[]> {
  const events: EventText[] = []
  for await (const event of readEvents(inChunks(Buffer.from(content), chunkSize), bytesMax))
    events.push(event)
  return events
}

async function textsAt(content: string | Buffer, chunkSize?: number): Promise<string[]> {
  return (await read(content, chunkSize)).map(({ line, text }) => `${line} ${text}`)
}

test('lines: each with its number, blank ones passed over, carriage returns dropped', async () => {
  expect(await textsAt('{"a":1}\r\n\r\n  {"b":2} \n\n{"c":3}')).toEqual([
    '1 {"a":1}',
    '3 {"b":2}',
    '5 {"c":3}',
  ])
})

test('a byte order mark is no part of an event, nor are those of joined files', async () => {
  // The chunks break everywhere, also within a mark.
  for (let size = 1; size <= 20; size++) {
    expect(await textsAt('\uFEFF{"a":1}\n\uFEFF{"b":2}\n', size)).toEqual(['1 {"a":1}', '2 {"b":2}'])
    expect(await textsAt('\uFEFF[{"a":1}]\n\uFEFF[{"b":2}]\n', size)).toEqual(['1 {"a":1}', '2 {"b":2}'])
  }
})

test('blank lines before the first event count as lines', async () => {
  expect(await textsAt('\n\n \n{"a":1}\n', 1)).toEqual(['4 {"a":1}'])
  expect(await textsAt('\n\n \n[{"a":1}]\n', 1)).toEqual(['4 {"a":1}'])
})

test('an empty file, a blank one and empty arrays hold no events', async () => {
  for (const content of ['', '\n \r\n', '\uFEFF', '[]', ' [ \n ] ', '[][]\n[ ]']) {
    expect(await read(content)).toEqual([])
  }
})

test('an array: elements keep their text, each with the line that it begins on', async () => {
  const content = '[\n  {"a": "],[\\"}"},\n  {\n    "b": [1, {"c": 2}]\n  }, 12345678901234567890 ,\n "x"]\n'
  expect(await textsAt(content)).toEqual([
    '2 {"a": "],[\\"}"}',
    '3 {\n    "b": [1, {"c": 2}]\n  }',
    '5 12345678901234567890',
    '6 "x"',
  ])
})

test('an element that is missing between commas is there to be refused', async () => {
  expect(await textsAt('[{"a":1},\n,{"b":2},]')).toEqual(['1 {"a":1}', '2 ', '2 {"b":2}', '2 '])
})

test('an array that is not closed gives the elements before the break, then says where', async () => {
  const seen: string[] = []
  const reading = async () => {
    for await (const { text } of readEvents(inChunks(Buffer.from('[{"a":1},\n{"b":'), 3), bytesMax)) {
      seen.push(text.toString())
    }
  }
  await expect(reading()).rejects.toThrow('line 2: the JSON array is not closed')
  expect(seen).toEqual(['{"a":1}'])
})

test('text behind an array is not read as anything', async () => {
  await expect(read('[{"a":1}]\n{"b":2}')).rejects.toThrow('line 2: text stands outside of the JSON array')
})

test('a text over the limit is cut to its beginning, and the ones after it are whole', async () => {
  const long = `{"a":"${'x'.repeat(bytesMax)}"}`
  for (const content of [`${long}\n{"b":2}\n`, `[${long},\n{"b":2}]`]) {
    const [first, second] = await read(content, 300)
    expect(first).toMatchObject({ line: 1, cut: true })
    expect(long.startsWith(String(first?.text))).toBe(true)
    expect(first?.text.length).toBe(1024)
    expect(second).toMatchObject({ line: 2, cut: false })
    expect(String(second?.text)).toBe('{"b":2}')
  }
})

test('any JSON values come out of an array as they went in, wherever the chunks break', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }),
      fc.constantFrom(undefined, 2, '\t'),
      fc.integer({ min: 1, max: 40 }),
      async (values, indent, chunkSize) => {
        const events = await read(JSON.stringify(values, null, indent), chunkSize)
        const expected = values.map((value) => JSON.parse(JSON.stringify(value)))
        expect(events.map(({ text }) => JSON.parse(text.toString()))).toEqual(expected)
      },
    ),
  )
})

test('any JSON values come out of lines byte for byte, wherever the chunks break', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\n\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (values, separator, closed, chunkSize) => {
        const lines = values.map((value) => JSON.stringify(value))
        const content = lines.join(separator) + (closed ? separator : '')
        expect((await read(content, chunkSize)).map(({ text }) => text.toString())).toEqual(lines)
      },
    ),
  )
})
