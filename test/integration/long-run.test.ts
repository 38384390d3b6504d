/**
 * A run of more than two hours by an injected clock, with sessions of a quarter of an hour, of which the account revokes
 * all that began before, in the middle. The sandbox judges sessions by the same clock.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createExportWorld } from '../support/export-world.ts'
import {
  day,
  earlyCompletes,
  finish,
  type GridPlace,
  openGridPlace,
  prepare,
  requestsFor,
  verify,
} from '../support/fault-grid.ts'
import { worldOfCustomers } from '../support/sandbox-world.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const minuteMs = 60_000
const eventsInAll = 3000
/** Not one at which a session is renewed anyway. */
const revokedAtFile = 18

let storePlace: StorePlace
let place: GridPlace
beforeAll(async () => {
  // Before the sandbox starts, which keeps the clock that it finds.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  storePlace = await openStorePlace('long-run')
  const startMs = (day + 48) * 3_600_000
  const world = await createExportWorld({ ...storePlace, startMs })
  place = await openGridPlace(storePlace.database, world, ['daily'], eventsInAll)
})
afterAll(async () => {
  vi.useRealTimers()
  await place.close()
  await storePlace?.close()
})

/** What "Revoke active sessions" of the IAM console puts into the role. */
function revoking(nowMs: number) {
  const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date(nowMs).toISOString() } }
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition }],
  }
}

test('two hours with sessions of fifteen minutes, revoked once: finished, nothing twice, nothing lost', async () => {
  const [tenant] = place.tenants
  if (tenant === undefined) throw new Error('no tenant')
  await prepare(place, tenant)
  const startedMs = Date.now()
  let files = 0
  const onFile = async () => {
    vi.setSystemTime(Date.now() + 3 * minuteMs)
    files++
    if (files !== revokedAtFile) return
    const world = worldOfCustomers([tenant.customer])
    const roles = world.roles.map((role) => ({ ...role, policies: [...role.policies, revoking(Date.now())] }))
    await place.control.changeWorld({ ...world, roles })
  }
  const finished = await finish(place, tenant, 'export', { sessionSeconds: 900, onFile, uploadsMax: 1 })

  expect(finished).toEqual({ attempts: 1, state: 'succeeded' })
  const minutes = (Date.now() - startedMs) / minuteMs
  expect(minutes).toBeGreaterThanOrEqual(120)
  expect(await verify(place, tenant)).toEqual([])
  const lines = (await tenant.bucket.events(tenant.folder)).map((event) => JSON.stringify(event))
  expect(lines.sort()).toEqual(tenant.sent.map((event) => JSON.stringify(event)).sort())
  const requests = requestsFor(tenant, await place.control.requests())
  expect(earlyCompletes(tenant, requests, false)).toEqual([])
  const puts = requests.filter(({ action, status }) => action === 'PutObject' && status === 200)
  expect(new Set(puts.map(({ key }) => key)).size).toBe(puts.length)
  expect(requests.filter(({ status }) => status === 403).map(({ code }) => code)).toEqual(['AccessDenied'])
  expect(requests.filter(({ code }) => code === 'ExpiredToken')).toEqual([])
  // One each time that three quarters of a session are over, and the one in the place of what was revoked.
  const assumed = requests.filter(({ action }) => action === 'AssumeRole').length
  expect(assumed).toBeGreaterThanOrEqual(Math.floor(minutes / 15))
})
