import { expect, test } from 'vitest'
import { createElapsed, elapsedMs } from './elapsed.ts'

function machine() {
  const now = { monotonicMs: 1000, wallMs: 1_700_000_000_000, upMs: 61_000 }
  const elapsed = createElapsed({
    monotonicMs: () => now.monotonicMs,
    wallMs: () => now.wallMs,
    upMs: () => now.upMs,
  })
  const pass = (ms: number): void => {
    now.monotonicMs += ms
    now.wallMs += ms
    now.upMs += ms
  }
  const suspend = (ms: number): void => {
    now.wallMs += ms
    now.upMs += ms
  }
  return { now, elapsed, pass, suspend }
}

test('the time of a suspension counts', () => {
  const { elapsed, pass, suspend } = machine()
  const before = elapsed()
  pass(500)
  suspend(60_000)
  expect(elapsed() - before).toBe(60_500)
  pass(500)
  suspend(5000)
  expect(elapsed() - before).toBe(66_000)
})

test.each([-3_600_000, 3_600_000])('a wall clock that is set by %i ms changes nothing', (byMs) => {
  const { now, elapsed, pass } = machine()
  const before = elapsed()
  now.wallMs += byMs
  pass(700)
  expect(elapsed() - before).toBe(700)
})

test('it goes on', async () => {
  const before = elapsedMs()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(elapsedMs()).toBeGreaterThan(before)
})
