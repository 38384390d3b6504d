/**
 * The systemd units as processes: what they start, with what they set, is a Penstock whose roles share one PostgreSQL.
 *
 * 1. penstock@api, twice, penstock@worker, twice, and penstock@scheduler are started as their unit says.
 * 2. Events go to one API, the pipeline is made at the other.
 * 3. Each is told to stop while the rest goes on; each ends with 0.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Env, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue } from '../support/tenant.ts'
import { readUnit } from '../support/unit-file.ts'

const unit = join(import.meta.dirname, '../../deploy/systemd/penstock@.service')
const roles = ['api', 'api', 'worker', 'worker', 'scheduler']

let stage: ServingPlace
let running: RunningPenstock[]
beforeAll(async () => {
  stage = await openServingPlace('units', { PENSTOCK_SCHEDULER_INTERVAL_MS: '200' })
  running = await Promise.all(roles.map((role, index) => startAsUnit(role, index)))
}, 120_000)
afterAll(async () => {
  for (const service of running ?? []) await service.kill('SIGKILL')
  await stage?.close()
})

/** As systemd would: the unit's own environment, then that of its file, which here is what the test stands on. */
async function startAsUnit(role: string, index: number): Promise<RunningPenstock> {
  const service = readUnit(unit, role)
  const [command, ...args] = service.args
  expect([service.program, command]).toEqual(['/usr/local/bin/penstock', 'serve'])
  const ofMachine: Env = { ...stage.env, PENSTOCK_METRICS_PORT: String(await freePort()) }
  // The state directory, which systemd makes; events are in one that all share.
  const dataDir = join(stage.folder, `state${index}`, service.env.PENSTOCK_DATA_DIR ?? '')
  await mkdir(dataDir, { recursive: true })
  const store = { PENSTOCK_STORE_URL: `file://${stage.folder}/events` }
  return await startPenstock({ ...service.env, ...ofMachine, ...store, PENSTOCK_DATA_DIR: dataDir }, args)
}

test('roles in processes of their own export what came in, and each drains when it is told to', async () => {
  const [api, otherApi, worker, ...rest] = running as [RunningPenstock, RunningPenstock, RunningPenstock]
  const dates = datesOverAndDue(3)
  const acme = await createTenant({ env: stage.env, server: api, place: stage.place }, 'acme')
  await acme.sendEvents(dates)

  // A worker and an API go; what is left takes, plans and exports.
  expect(await worker.kill('SIGTERM'), worker.log()).toBe(0)
  const globex = await createTenant({ env: stage.env, server: otherApi, place: stage.place }, 'globex')
  expect(await api.kill('SIGTERM'), api.log()).toBe(0)
  await globex.sendEvents(dates)
  const name = await globex.pipelines.create(globex.request(dates[0] ?? ''))
  expect(Object.keys(await globex.pipelines.settled(name))).toEqual(['succeeded'])
  const keys = (await globex.account.bucket.list('test/')).map(({ key }) => key.replace(/part-.*/, 'part'))
  for (const date of dates) {
    const folder = `test/${globex.projectId}/${date.replaceAll('-', '/')}/full_day/`
    expect(keys.filter((key) => key.startsWith(folder)).toSorted()).toEqual([
      `${folder}complete`,
      `${folder}part`,
    ])
  }
  for (const service of [otherApi, ...rest]) expect(await service.kill('SIGTERM'), service.log()).toBe(0)
}, 120_000)
