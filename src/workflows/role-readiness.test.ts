import { expect, test } from 'vitest'
import { silentLog } from '../../test/support/silent-log.ts'
import { startRunWorker } from '../control/jobs/run-worker.ts'
import { lookAtInterval } from './look-at-interval.ts'
import { silentRoles } from './role-readiness.ts'

const silent = (ms: number) => ({ silentMs: () => ms })

test('roles that do their work, and those that a process does not have, are no reason', () => {
  expect(silentRoles({}, 5000)).toEqual([])
  expect(silentRoles({ scheduler: silent(64_000), worker: silent(59_000) }, 5000)).toEqual([])
})

test('a role that has fallen silent is named, with for how long', () => {
  expect(silentRoles({ scheduler: silent(66_000), worker: silent(61_000) }, 5000)).toEqual([
    'no look at what is due has succeeded for 66 s',
    'the job queue has not answered for 61 s',
  ])
})

test('a look that fails is no work done, one that succeeds is', async () => {
  let fails = true
  const looking = lookAtInterval(1_000_000, silentLog, async () => {
    if (fails) throw new Error('the database is away')
  })
  const waited = async () => await new Promise((resolve) => setTimeout(resolve, 20))
  await waited()
  expect(looking.silentMs()).toBeGreaterThan(10)
  await expect(looking.tick()).rejects.toThrow('away')
  const before = looking.silentMs()
  fails = false
  await looking.tick()
  expect(looking.silentMs()).toBeLessThan(before)
  await looking.stop()
})

test('a worker is silent while its queue fails, and not while it has no free place', async () => {
  const options = { concurrency: 1, perProjectMax: 1, pollMs: 1 }
  const away = { take: async () => Promise.reject(new Error('away')), complete: async () => {} }
  const failing = startRunWorker(away, async () => {}, options, silentLog)
  const job = { id: 'one', name: 'export-run', data: { runId: 1 } } as never
  const finish = Promise.withResolvers<void>()
  const busy = startRunWorker(
    { take: async () => job, complete: async () => {} },
    () => finish.promise,
    options,
    silentLog,
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(failing.silentMs()).toBeGreaterThan(90)
  expect(busy.silentMs()).toBeLessThan(failing.silentMs())
  finish.resolve()
  await Promise.all([failing.stop(10), busy.stop(10)])
})
