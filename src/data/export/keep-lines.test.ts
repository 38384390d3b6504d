import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepLines } from './keep-lines.ts'

test('lines that pass every test are kept as they are, in their order', () => {
  const line = fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\n', '')),
    passes: fc.tuple(fc.boolean(), fc.boolean()),
  })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const bytes = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''))
      const asked: string[] = []
      const testOf = (which: 0 | 1) => (start: number, end: number, place: number) => {
        asked.push(bytes.toString('utf8', start, end - 1))
        return lines[place]?.passes[which] ?? false
      }
      const kept = keepLines(bytes, [testOf(0), testOf(1)])
      const expected = lines.filter(({ passes }) => passes[0] && passes[1])
      expect(kept.lines.toString()).toBe(expected.map(({ text }) => `${text}\n`).join(''))
      expect(kept.count).toBe(expected.length)
      // The second is asked of those that have passed the first, and what it looks at is not yet overwritten.
      expect(asked).toEqual(lines.flatMap(({ text, passes }) => (passes[0] ? [text, text] : [text])))
    }),
  )
})

test('without tests every line is kept', () => {
  expect(keepLines(Buffer.from('a\nb\n'), [])).toEqual({ lines: Buffer.from('a\nb\n'), count: 2 })
})
