/**
 * A serving Penstock through the client that a public generator makes of its OpenAPI document, and through nothing else but
 * `/import` and `/engage`, which the SDKs have.
 *
 * 1. Events and profiles are sent.
 * 2. A pipeline is created, seen through its exports, edited, paused, resumed and cancelled.
 * 3. What was sent is read back.
 * 4. What is refused has the documented shape.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '../support/api-client.ts'
import type { RunningPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const dates = datesOverAndDue(3) as [string, string, string]
const name = 'events-daily-s3-raw'

let stage: ServingPlace
let server: RunningPenstock
let acme: Tenant
let asAcme: Parameters<typeof api.jobs>[1]
beforeAll(async () => {
  stage = await openServingPlace('generated-client', {
    PENSTOCK_LOG_LEVEL: 'warn',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
  })
  server = await stage.start()
  acme = await createTenant({ ...stage, server }, 'acme')
  asAcme = { baseUrl: server.url, headers: { authorization: basic(`${acme.secret}:`) } }
  await acme.sendEvents(dates)
  const updates = ['ann', 'bob'].map((id) => ({
    $token: acme.token,
    $distinct_id: id,
    $set: { plan: 'team' },
  }))
  const sent = await fetch(`${server.url}/engage`, { method: 'POST', body: JSON.stringify(updates) })
  expect(await sent.text()).toBe('1')
}, 120_000)
afterAll(async () => {
  await server?.kill('SIGTERM')
  await stage?.close()
})

const destination = () => {
  const { s3_bucket, s3_region, s3_prefix, s3_role } = acme.request(dates[0]) as Record<
    's3_bucket' | 's3_region' | 's3_prefix' | 's3_role',
    string
  >
  return { s3_bucket, s3_region, s3_prefix, s3_role }
}

test('the set-up of the account is told, and the connection to the bucket tested', async () => {
  const { s3_bucket, s3_region, s3_role } = destination()
  const told = await api.setup(s3_bucket, s3_region, { s3Prefix: 'exports' }, asAcme)
  expect(told).toMatchObject({ status: 200, data: { trust_policy: { Version: '2012-10-17' } } })
  const tested = await api.test({ ...destination(), s3_bucket, s3_role }, asAcme)
  expect(tested).toMatchObject({ status: 200, data: { ok: true } })
})

test('a pipeline is created, and its days are exported', async () => {
  const created = await api.create(
    { type: 's3-raw', from_date: dates[0], events: ['acme was there', 'Viewed'], ...destination() },
    asAcme,
  )
  expect(created).toMatchObject({ status: 200, data: { pipeline_names: [name] } })
  const counts = await exported()
  expect(counts.succeeded).toBeGreaterThanOrEqual(dates.length)
})

/** Waits until every run has succeeded, and gives how many there are. */
async function exported(): Promise<Record<string, unknown>> {
  const endsMs = performance.now() + 60_000
  for (;;) {
    const answer = await api.status(name, { summary: 'true' }, asAcme)
    if (answer.status !== 200) throw new Error(answer.data.error)
    if (Object.keys(answer.data).join() === 'succeeded') return answer.data
    if (performance.now() > endsMs) throw new Error(`runs did not end: ${JSON.stringify(answer.data)}`)
    await sleep(100)
  }
}

test('status, jobs, timeline and manifest tell of it, by GET and by POST', async () => {
  const runs = await api.status(name, { status: ['succeeded', 'failed'] }, asAcme)
  expect(runs).toMatchObject({ status: 200, data: { succeeded: expect.any(Array) } })
  expect(await api.statusByPost({ name, status: ['failed'] }, asAcme)).toMatchObject({
    status: 200,
    data: {},
  })

  for (const listed of [
    await api.jobs({ projectId: acme.projectId }, asAcme),
    await api.jobsByPost({}, asAcme),
  ]) {
    expect(listed.status === 200 && listed.data[acme.projectId]?.map((job) => job.name)).toEqual([name])
  }

  const told = await api.timeline(name, {}, asAcme)
  if (told.status !== 200) throw new Error(told.data.error)
  const days = told.data.day_syncs.map(({ date }) => date)
  expect(days).toEqual(expect.arrayContaining(dates))
  expect((await api.timelineByPost({ name }, asAcme)).data).toEqual(told.data)

  const proof = await api.manifest(name, dates[0], {}, asAcme)
  expect(proof).toMatchObject({ status: 200, data: { events: 1 } })
})

test('it is edited, paused, resumed and cancelled', async () => {
  const edited = await api.edit({ name, events: ['Viewed'], where: 'properties["plan"] == "team"' }, asAcme)
  expect(edited).toMatchObject({ status: 200, data: { status: 'ok' } })
  const job = async () => {
    const listed = await api.jobs({}, asAcme)
    return listed.status === 200 ? listed.data[acme.projectId]?.[0] : undefined
  }
  expect(await job()).toMatchObject({ events: ['Viewed'], where: 'properties["plan"] == "team"' })
  expect(await api.pause({ name }, asAcme)).toMatchObject({ status: 200, data: { status: 'ok' } })
  expect(await job()).toMatchObject({ state: 'paused' })
  expect(await api.resume({ name }, asAcme)).toMatchObject({ status: 200 })
  expect(await job()).toMatchObject({ state: 'active' })
  expect(await api.cancel({ name }, asAcme)).toMatchObject({ status: 200 })
  expect(await job()).toBeUndefined()
})

test('events are read back as lines, profiles in pages', async () => {
  const events = await api.exportEvents(dates[0], dates[2], { event: '["acme was there"]', limit: 2 }, asAcme)
  if (events.status !== 200) throw new Error(events.data.error)
  expect(events.data.trimEnd().split('\n').map(eventIn)).toEqual(['acme was there', 'acme was there'])
  // A page of one line: the client takes lines of JSON for JSON.
  const first = await api.listProfiles({ limit: 1 }, asAcme)
  expect(first.data).toMatchObject({ $distinct_id: 'ann', $properties: { plan: 'team' } })
  const next = await api.listProfiles({ limit: 1, after: 'ann' }, asAcme)
  expect(next.data).toMatchObject({ $distinct_id: 'bob' })
})

const eventIn = (line: string) => JSON.parse(line).event

test('what is refused has the documented shape', async () => {
  const stranger = { baseUrl: server.url, headers: { authorization: basic(`${'0'.repeat(32)}:`) } }
  const refusals = [
    [401, await api.jobs({}, stranger)],
    [403, await api.jobs({ projectId: acme.projectId + 1 }, asAcme)],
    [404, await api.timeline('nobody', {}, asAcme)],
    [400, await api.exportEvents('yesterday', dates[2], {}, asAcme)],
    [400, await api.create({ type: 'aws', from_date: dates[0], ...destination() }, asAcme)],
  ] as const
  for (const [status, answer] of refusals) {
    expect(answer).toMatchObject({ status, data: { status: 'error', error: expect.any(String) } })
  }
})
