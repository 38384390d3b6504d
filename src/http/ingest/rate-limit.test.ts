import { expect, test } from 'vitest'
import type { ProjectId } from '../../ids.ts'
import { createRateLimit } from './rate-limit.ts'
import { RetryLater } from './retry-later.ts'

const one = 1 as ProjectId
const two = 2 as ProjectId

function setUp(bytesPerMinuteMax: number) {
  const clock = { now: 1_000_000, nowMs: () => clock.now }
  return { clock, rate: createRateLimit(clock, bytesPerMinuteMax) }
}

/** Seconds that a refused caller is told to wait; undefined where it is not refused. */
function wait(work: () => void): number | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof RetryLater) return error.retryAfterSeconds
    throw error
  }
  return undefined
}

test('a minute of bytes passes at once, and then as it fills again', () => {
  const { clock, rate } = setUp(60_000)
  expect(wait(() => rate.take(one, 60_000))).toBeUndefined()
  expect(wait(() => rate.check(one))).toBe(1)
  expect(wait(() => rate.take(one, 20_000))).toBe(20)
  clock.now += 20_000
  expect(wait(() => rate.take(one, 20_000))).toBeUndefined()
})

test('a refused request takes nothing', () => {
  const { rate } = setUp(60_000)
  rate.take(one, 50_000)
  expect(wait(() => rate.take(one, 20_000))).toBe(10)
  expect(wait(() => rate.take(one, 10_000))).toBeUndefined()
})

test('a request larger than a minute of bytes passes when the bucket is full, and is paid for', () => {
  const { clock, rate } = setUp(60_000)
  expect(wait(() => rate.take(one, 120_000))).toBeUndefined()
  clock.now += 60_000
  expect(wait(() => rate.check(one))).toBe(1)
  clock.now += 60_000
  expect(wait(() => rate.take(one, 120_000))).toBeUndefined()
})

test('one project does not use up what another may send', () => {
  const { rate } = setUp(60_000)
  rate.take(one, 60_000)
  expect(wait(() => rate.take(two, 60_000))).toBeUndefined()
})

test('a clock that is set back fills nothing', () => {
  const { clock, rate } = setUp(60_000)
  rate.take(one, 60_000)
  clock.now -= 1000
  expect(wait(() => rate.check(one))).toBe(1)
})
