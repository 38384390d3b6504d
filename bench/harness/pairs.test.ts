import { expect, test } from 'vitest'
import { exactly, wantsAnother } from './pairs.ts'

test('as many pairs as fit into the time are run, no fewer than the least and no more than the most', () => {
  const pairs = { least: 2, most: 7, secondsMax: 60 }
  expect(wantsAnother(pairs, 0, 0)).toBe(true)
  expect(wantsAnother(pairs, 1, 500)).toBe(true)
  expect(wantsAnother(pairs, 2, 40)).toBe(true)
  expect(wantsAnother(pairs, 2, 41)).toBe(false)
  expect(wantsAnother(pairs, 6, 6)).toBe(true)
  expect(wantsAnother(pairs, 7, 7)).toBe(false)
  expect([0, 1, 2].map((done) => wantsAnother(exactly(2), done, done))).toEqual([true, true, false])
})
