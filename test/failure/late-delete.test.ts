/**
 * A DELETE of `complete` leaves a worker in time, and the network holds it until another worker has finished the folder.
 *
 * 1. A day of events, and a folder of that day that looks exported already.
 * 2. The export begins: the DELETE of `complete` is held on its way. Whoever has the run is stopped for longer than its lease.
 * 3. The other process takes the run over and brings it to its end. Then the DELETE arrives, and `complete` is gone.
 * 4. The folder is looked at again, as it is after each attempt that broke off: `complete` comes back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstLookMinutes } from '../../src/control/folders/second-look.ts'
import { type HoldingProxy, startHoldingProxy } from '../support/holding-proxy.ts'
import { type Env, penstock, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { findHolder } from '../support/run-holder.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue } from '../support/tenant.ts'

const [day = ''] = datesOverAndDue(1)

let stage: ServingPlace
let env: Env
let network: HoldingProxy
let servers: RunningPenstock[]
beforeAll(async () => {
  stage = await openServingPlace('late-delete', {
    PENSTOCK_LOG_LEVEL: 'warn',
    PENSTOCK_THREADS: '1',
    PENSTOCK_RUN_LEASE_SECONDS: '2',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
    PENSTOCK_RUN_POLL_MS: '50',
  })
  network = await startHoldingProxy(stage.place.env.AWS_ENDPOINT_URL ?? '')
  const store = `file://${stage.folder}/events`
  env = { ...stage.env, AWS_ENDPOINT_URL: network.url, PENSTOCK_STORE_URL: store }
  const start = (name: string) => startPenstock({ ...env, PENSTOCK_DATA_DIR: `${stage.folder}/${name}` })
  servers = await Promise.all(['one', 'other'].map(start))
})
afterAll(async () => {
  for (const server of servers ?? []) await server.kill('SIGKILL')
  await network?.close()
  await stage?.close()
})

test('`complete` comes back', { timeout: 240_000 }, async () => {
  const [first] = servers as [RunningPenstock, RunningPenstock]
  const tenant = await createTenant({ env, server: first, place: stage.place }, 'late')
  const { bucket, prefix } = tenant.account
  await tenant.sendEvents([day])
  const folder = `${prefix}/${tenant.projectId}/${day.replaceAll('-', '/')}/full_day/`
  await bucket.put(`${folder}complete`, '')
  const isComplete = async () =>
    (await bucket.list(folder)).some(({ key, bytes }) => key === `${folder}complete` && bytes === 0)

  network.hold('DELETE', /\/complete$/)
  const name = await tenant.pipelines.create({ ...tenant.request(day), to_date: day, skip_check: 'true' })
  await expect.poll(network.holds, { timeout: 60_000 }).toBe(true)
  const stopped = await findHolder(stage.database.db, servers, tenant.projectId)
  process.kill(stopped.pid, 'SIGSTOP')
  const other = servers.find((server) => server !== stopped) as RunningPenstock
  tenant.pipelines = pipelinesClient(other.url, tenant.secret)
  expect(Object.keys(await tenant.pipelines.settled(name, 120_000))).toEqual(['succeeded'])
  expect(await isComplete()).toBe(true)
  expect(await network.deliver()).toBe(204)
  expect(await isComplete()).toBe(false)
  process.kill(stopped.pid, 'SIGCONT')

  const { look_at } = await stage.database.db.selectFrom('folder').select('look_at').executeTakeFirstOrThrow()
  const minutes = ((look_at?.getTime() ?? Number.NaN) - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(0)
  expect(minutes).toBeLessThanOrEqual(firstLookMinutes)
  // Nobody waits for it here.
  await stage.database.db.updateTable('folder').set({ look_at: new Date() }).execute()
  await expect.poll(isComplete, { timeout: 60_000 }).toBe(true)
  expect(Object.keys(await tenant.pipelines.settled(name))).toEqual(['succeeded'])
  expect(await bucket.events(folder)).toHaveLength(1)
  const verified = await penstock(['verify', '--pipeline', name, '--json'], env)
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
})
