import fc from 'fast-check'
import { expect, test } from 'vitest'
import { levelOf } from './levels.ts'

const amount = fc.integer({ min: 0, max: 10_000_000_000 })

test('nothing is level 0, the most is level 4, and anything between is 1 to 4', () => {
  expect(levelOf(0, 100)).toBe(0)
  expect(levelOf(100, 100)).toBe(4)
  fc.assert(
    fc.property(amount, amount, (value, max) => {
      const level = levelOf(value, max)
      expect(level).toBeGreaterThanOrEqual(value > 0 ? 1 : 0)
      expect(level).toBeLessThanOrEqual(4)
    }),
  )
})

test('more is never paler', () => {
  fc.assert(
    fc.property(amount, amount, amount, (one, other, max) => {
      const [less = 0, more = 0] = [one, other].sort((a, b) => a - b)
      expect(levelOf(less, max)).toBeLessThanOrEqual(levelOf(more, max))
    }),
  )
})
