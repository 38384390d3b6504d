import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const backoff = { firstMaxMs: 200, maxMs: 10_000 }
const longest = 0.9999999

test('the longest wait doubles with each attempt, up to its bound', () => {
  expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, backoff, longest))).toEqual([
    200, 400, 800, 1600, 3200,
  ])
  expect([50, 5000].map((attempt) => backoffMs(attempt, backoff, longest))).toEqual([10_000, 10_000])
})

test('a wait is anything from nothing up to the longest', () => {
  expect([1, 5, 50].map((attempt) => backoffMs(attempt, backoff, 0))).toEqual([0, 0, 0])
  expect(backoffMs(3, backoff, 0.5)).toBe(400)
})
