import { crc32, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressLines } from '../store/seal-member.ts'
import { dropLines } from './drop-lines.ts'

const line = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.nat(9))
  .map(([event, time]) => `${JSON.stringify({ event, properties: { time } })}\n`)
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))

test('what is left of a file are the other lines, in their order, in as many members', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(line, { minLength: 1, maxLength: 20 }), { minLength: 1 }),
      fc.array(line),
      (members, gone) => {
        const gzips = members.map((lines) => compressLines(Buffer.from(lines.join(''))))
        const file = new Uint8Array(Buffer.concat(gzips))
        const { rest, dropped } = dropLines({ file, crc32: crc32(file), lines: gone.map(bytesOf) })
        const expected = members.flat().filter((text) => !gone.includes(text))
        expect(dropped).toBe(members.flat().length - expected.length)
        expect(rest?.eventCount).toBe(expected.length)
        if (rest === undefined) return
        expect(rest.crc32).toBe(crc32(rest.gzip))
        expect(rest.gzip.length === 0 ? '' : gunzipSync(rest.gzip).toString()).toBe(expected.join(''))
        const times = expected.map((text) => JSON.parse(text).properties.time * 1000)
        expect(rest.span).toEqual({ minTimeMs: Math.min(...times), maxTimeMs: Math.max(...times) })
        if (dropped === 0) expect(Buffer.from(rest.gzip).equals(Buffer.concat(gzips))).toBe(true)
      },
    ),
  )
})

test('a file that is not as it was written is left alone', () => {
  const file = new Uint8Array(compressLines(Buffer.from('"a"\n')))
  const sum = crc32(file)
  file[12] = (file[12] ?? 0) ^ 1
  expect(dropLines({ file, crc32: sum, lines: [bytesOf('"a"\n')] })).toEqual({ dropped: 0 })
})
