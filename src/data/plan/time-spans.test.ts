import fc from 'fast-check'
import { expect, test } from 'vitest'
import { touchesOneOf } from './time-spans.ts'

const span = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 6 }))
  .map(([minTimeMs, length]) => ({ minTimeMs, maxTimeMs: minTimeMs + length }))

test('a span touches one of many exactly when it touches one of them looked at alone', () => {
  fc.assert(
    fc.property(fc.array(span), span, (spans, asked) => {
      const one = spans.some(
        ({ minTimeMs, maxTimeMs }) => minTimeMs <= asked.maxTimeMs && maxTimeMs >= asked.minTimeMs,
      )
      expect(touchesOneOf(spans)(asked)).toBe(one)
    }),
    { numRuns: 500 },
  )
})
