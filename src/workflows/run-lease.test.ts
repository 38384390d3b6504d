import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { elapsedMs } from '../elapsed.ts'
import { keepRunLease, type LeaseEnd, type RunLease, type RunLeaseOptions } from './run-lease.ts'

const leases: RunLease[] = []
afterEach(() => {
  for (const lease of leases.splice(0)) lease.release()
})

function keep(options: Partial<RunLeaseOptions> = {}): RunLease {
  const lease = keepRunLease({
    claimedAtMs: elapsedMs(),
    leaseMs: 90,
    timeoutMs: 60_000,
    shutdown: new AbortController().signal,
    renew: async () => 'held',
    ...options,
  })
  leases.push(lease)
  return lease
}

async function endOf({ signal }: RunLease): Promise<LeaseEnd> {
  while (!signal.aborted) await sleep(5)
  return signal.reason.end
}

test('a lease that is renewed goes on for many times its length', async () => {
  const lease = keep({ leaseMs: 200 })
  await sleep(1000)
  expect(() => lease.checkpoint()).not.toThrow()
})

test.each(['stop', 'lost'] as const)(
  'when the renewal answers %s, the work is broken off',
  async (answer) => {
    expect(await endOf(keep({ renew: async () => answer }))).toBe(answer)
  },
)

test('a database that is away for longer than the lease ends it before another may claim the run', async () => {
  const claimedAtMs = elapsedMs()
  const lease = keep({ claimedAtMs, renew: () => Promise.reject(new Error('away')) })
  expect(await endOf(lease)).toBe('lost')
  expect(() => lease.checkpoint()).toThrow('lost')
})

test('a checkpoint after the lease has run out throws, also when no renewal has told', () => {
  const lease = keep({ claimedAtMs: elapsedMs() - 90, renew: () => new Promise(() => {}) })
  expect(() => lease.checkpoint()).toThrow('lost')
  expect(lease.signal.aborted).toBe(true)
})

test('a lease runs out while the database gives no answer at all, without anybody looking', async () => {
  expect(await endOf(keep({ renew: () => new Promise(() => {}) }))).toBe('lost')
})

test('a renewal whose answer comes after the lease has run out keeps nothing', async () => {
  const late = async () => {
    await sleep(150)
    return 'held' as const
  }
  const lease = keep({ renew: late })
  expect(await endOf(lease)).toBe('lost')
  await sleep(100)
  expect(() => lease.checkpoint()).toThrow('lost')
})

test('the shutdown of the process and the time limit of an attempt end a lease', async () => {
  const shutdown = new AbortController()
  const ends = [endOf(keep({ shutdown: shutdown.signal })), endOf(keep({ timeoutMs: 1 }))]
  shutdown.abort()
  expect(await Promise.all(ends)).toEqual(['shutdown', 'timeout'])
})

test('a released lease renews no more', async () => {
  let renewals = 0
  const lease = keep({
    leaseMs: 30,
    renew: async () => {
      renewals += 1
      return 'held'
    },
  })
  lease.release()
  const before = renewals
  await sleep(60)
  expect(renewals).toBe(before)
})
