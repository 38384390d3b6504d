import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Spanned, spanOfAll, spanOfLines, type TimeSpan } from './time-span.ts'

test('first and last time of lines, milliseconds included, in whatever form they came', () => {
  const line = (properties: object) => `${JSON.stringify({ event: 'e', properties })}\n`
  const lines = [
    line({ time: 20, distinct_id: 'a', $insert_id: '1', nested: { time: 1 } }),
    line({ text: '"time":2', time: 30, mp_event_time_ms: 30_250, distinct_id: 'a', $insert_id: '2' }),
    line({ distinct_id: 7, $insert_id: 'é', time: 10 }),
  ]
  expect(spanOfLines(Buffer.from(lines.join('')))).toEqual({ minTimeMs: 10_000, maxTimeMs: 30_250 })
})

const span = fc
  .tuple(fc.nat(50), fc.nat(50))
  .map(([one, other]): TimeSpan => ({ minTimeMs: Math.min(one, other), maxTimeMs: Math.max(one, other) }))
const part = fc.tuple(span, fc.nat(9), fc.nat(9), fc.boolean()).map(([within, before, after, isWide]) => {
  if (!isWide) return { within, spanned: { bounds: within } }
  const bounds = { minTimeMs: within.minTimeMs - before, maxTimeMs: within.maxTimeMs + after }
  return { within, spanned: { bounds, measureSpan: async () => within } }
})

test('of many parts it is that of them all, though only some are measured', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 20 }), async (parts) => {
      expect(await spanOfAll(parts.map(({ spanned }): Spanned => spanned))).toEqual({
        minTimeMs: Math.min(...parts.map(({ within }) => within.minTimeMs)),
        maxTimeMs: Math.max(...parts.map(({ within }) => within.maxTimeMs)),
      })
    }),
  )
})

test('what lies within what is known is not read', async () => {
  const read: string[] = []
  const wide = (name: string, minTimeMs: number, maxTimeMs: number): Spanned => ({
    bounds: { minTimeMs, maxTimeMs },
    measureSpan: async () => {
      read.push(name)
      return { minTimeMs: minTimeMs + 1, maxTimeMs: maxTimeMs - 1 }
    },
  })
  const parts = [wide('middle', 40, 60), wide('first', 0, 50), wide('last', 50, 100)]
  expect(await spanOfAll(parts)).toEqual({ minTimeMs: 1, maxTimeMs: 99 })
  expect(read).toEqual(['first', 'last'])
})
