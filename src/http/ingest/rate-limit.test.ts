import { expect, test } from 'vitest'
import { createMemoryBuckets } from '../../../test/support/memory-buckets.ts'
import type { ProjectId } from '../../ids.ts'
import { createRateLimit } from './rate-limit.ts'
import { RetryLater } from './retry-later.ts'

const one = 1 as ProjectId
const two = 2 as ProjectId

function setUp(bytesPerMinuteMax: number) {
  const clock = { now: 1_000_000, nowMs: () => clock.now }
  const take = createMemoryBuckets()
  const buckets = { asks: 0 }
  const process = () =>
    createRateLimit(clock, bytesPerMinuteMax, (ask) => {
      buckets.asks += 1
      return take(ask)
    })
  return { clock, buckets, process, rate: process() }
}

/** Seconds that a refused caller is told to wait; undefined where it is not refused. */
async function wait(work: () => void | Promise<void>): Promise<number | undefined> {
  try {
    await work()
  } catch (error) {
    if (error instanceof RetryLater) return error.retryAfterSeconds
    throw error
  }
  return undefined
}

test('a minute of bytes passes at once, and then as it fills again', async () => {
  const { clock, rate } = setUp(60_000)
  expect(await wait(() => rate.take(one, 60_000))).toBeUndefined()
  expect(await wait(() => rate.check(one))).toBe(1)
  expect(await wait(() => rate.take(one, 20_000))).toBe(20)
  clock.now += 20_000
  expect(await wait(() => rate.take(one, 20_000))).toBeUndefined()
})

test('a refused request takes nothing', async () => {
  const { rate } = setUp(60_000)
  await rate.take(one, 50_000)
  expect(await wait(() => rate.take(one, 20_000))).toBe(10)
  expect(await wait(() => rate.take(one, 10_000))).toBeUndefined()
})

test('a request larger than a minute of bytes passes when the bucket is full, and is paid for', async () => {
  const { clock, rate } = setUp(60_000)
  expect(await wait(() => rate.take(one, 120_000))).toBeUndefined()
  clock.now += 60_000
  expect(await wait(() => rate.check(one))).toBe(1)
  clock.now += 60_000
  expect(await wait(() => rate.take(one, 120_000))).toBeUndefined()
})

test('one project does not use up what another may send', async () => {
  const { rate } = setUp(60_000)
  await rate.take(one, 60_000)
  expect(await wait(() => rate.take(two, 60_000))).toBeUndefined()
})

test('a clock that is set back fills nothing', async () => {
  const { clock, rate } = setUp(60_000)
  await rate.take(one, 60_000)
  clock.now -= 1000
  expect(await wait(() => rate.check(one))).toBe(1)
})

test('two processes take from one bucket', async () => {
  const { process, rate } = setUp(60_000)
  const other = process()
  await rate.take(one, 35_000)
  expect(await wait(() => other.take(one, 35_000))).toBe(10)
  expect(await wait(() => other.take(one, 25_000))).toBeUndefined()
})

test('whoever sends much asks for shares, not for each request', async () => {
  const { clock, buckets, rate } = setUp(6_000_000)
  for (let sent = 0; sent < 1000; sent++) {
    await rate.take(one, 1000)
    clock.now += 1
  }
  // The first two asks know no rate yet; a share is what refills in a second at most.
  expect(buckets.asks).toBeLessThanOrEqual(2 + 1_000_000 / 100_000)
})

test('requests at once wait for one answer, and none takes what is another’s', async () => {
  const { rate } = setUp(60_000)
  const waits = await Promise.all(Array.from({ length: 20 }, () => wait(() => rate.take(one, 5000))))
  expect(waits.filter((seconds) => seconds === undefined)).toHaveLength(12)
})
