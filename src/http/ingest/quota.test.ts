import { expect, test } from 'vitest'
import { asTheSettingsSay, noBounds } from '../../../test/support/quotas.ts'
import type { Quota } from '../../control/projects/quota.ts'
import type { ProjectId } from '../../ids.ts'
import { createQuotaGuard } from './quota.ts'
import { RetryLater } from './retry-later.ts'

const acme = { id: 1 as ProjectId, quota: asTheSettingsSay }

/** A count that grows with what is stored, and processes that read it. */
function setUp(bounds: Partial<Quota>) {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms }
  const count = { events: 0, bytes: 0 }
  const reads = { count: 0 }
  const process = () =>
    createQuotaGuard(clock, { ...noBounds, ...bounds }, async () => {
      reads.count += 1
      const usage = { day: { ...count }, month: { ...count } }
      return { ...usage, dayLeftMs: 3_600_000, monthLeftMs: 36_000_000 }
    })
  /** Sends events of ten bytes, and gives how many of the requests were stored. */
  const send = async (
    guard: ReturnType<typeof process>,
    requests: number,
    events: number,
    project = acme,
  ) => {
    let stored = 0
    for (let sent = 0; sent < requests; sent++) {
      try {
        guard.check(project)
        const end = await guard.letIn(project, { events, bytes: events * 10 })
        count.events += events
        count.bytes += events * 10
        end(true)
        stored += 1
      } catch (error) {
        if (!(error instanceof RetryLater)) throw error
      }
    }
    return stored
  }
  return { clock, count, reads, process, send }
}

test('a project sends in what its quota allows, to the last event, and is told when to come back', async () => {
  const { process, send } = setUp({ eventsPerDayMax: 1000 })
  const guard = process()
  expect(await send(guard, 30, 60)).toBe(16)
  await expect(guard.letIn(acme, { events: 60, bytes: 1 })).rejects.toMatchObject({
    code: 'INGEST_QUOTA_EXCEEDED',
    retryAfterSeconds: 3600,
    message: expect.stringContaining(
      '960 of the 1,000 events that it may a day (UTC), and this request has 60',
    ),
  })
  expect(await send(guard, 2, 40)).toBe(1)
})

test('processes that send at the same time let in no more than the quota together', async () => {
  const { count, process, send } = setUp({ bytesPerMonthMax: 100_000 })
  const guards = Array.from({ length: 5 }, process)
  await Promise.all(guards.map((guard) => send(guard, 1000, 20)))
  expect(count.bytes).toBeLessThanOrEqual(100_000)
  expect(count.bytes).toBeGreaterThan(99_000)
})

test('requests that are under way count, and those that were not stored do not', async () => {
  const { process } = setUp({ eventsPerDayMax: 100 })
  const guard = process()
  const end = await guard.letIn(acme, { events: 70, bytes: 1 })
  await expect(guard.letIn(acme, { events: 70, bytes: 1 })).rejects.toMatchObject({ retryable: true })
  end(false)
  await expect(guard.letIn(acme, { events: 70, bytes: 1 })).resolves.toBeTypeOf('function')
})

test('a month that is used up is named before a day that is', async () => {
  const { process, send } = setUp({ eventsPerDayMax: 10, eventsPerMonthMax: 10 })
  const guard = process()
  await send(guard, 1, 10)
  await expect(guard.letIn(acme, { events: 1, bytes: 1 })).rejects.toMatchObject({
    retryAfterSeconds: 36_000,
  })
})

test('what is said of one project goes before the settings, also that it has no bound', async () => {
  const { process, send, reads } = setUp({ eventsPerDayMax: 100 })
  const guard = process()
  const more = { id: 2 as ProjectId, quota: { ...asTheSettingsSay, eventsPerDayMax: 150 } }
  expect(await send(guard, 20, 10, more)).toBe(15)
  const free = {
    id: 3 as ProjectId,
    quota: { ...asTheSettingsSay, eventsPerDayMax: Number.MAX_SAFE_INTEGER },
  }
  reads.count = 0
  expect(await send(guard, 20, 10, free)).toBe(20)
  expect(reads.count).toBe(0)
})

test('the count is read once for many requests while much is left, and a full quota is refused without reading', async () => {
  const { clock, process, send, reads } = setUp({ eventsPerDayMax: 1_000_000 })
  const guard = process()
  expect(await send(guard, 1000, 10)).toBe(1000)
  expect(reads.count).toBe(1)
  const small = setUp({ eventsPerDayMax: 10 })
  const full = small.process()
  await small.send(full, 2, 10)
  small.reads.count = 0
  await small.send(full, 100, 10)
  expect(small.reads.count).toBe(0)
  clock.ms += 2000
  await send(guard, 1, 1)
  expect(reads.count).toBe(2)
})
