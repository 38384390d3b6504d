/**
 * Events are exported by what is known of their users: profiles come in by /engage, `where` asks for them, and what was
 * exported, downloaded and recorded agree.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Env, penstock, type RunningPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

const [date = ''] = datesOverAndDue(1)
const where = 'user["plan"] == "pro" and properties["amount"] > 3'

let stage: ServingPlace
let env: Env
let server: RunningPenstock
let tenant: Tenant
beforeAll(async () => {
  stage = await openServingPlace('where-user', { PENSTOCK_LOG_LEVEL: 'error' })
  env = stage.env
  server = await stage.start()
  tenant = await createTenant({ env, server, place: stage.place }, 'users')
}, 120_000)
afterAll(async () => {
  await server?.kill('SIGTERM')
  await stage?.close()
})

const authorization = () => basic(`${tenant.secret}:`)

async function engage(plans: Record<string, string>): Promise<void> {
  const updates = Object.entries(plans).map(([id, plan]) => ({
    ...{ $token: tenant.token, $distinct_id: id, $set: { plan } },
  }))
  const data = JSON.stringify(updates)
  const answer = await fetch(`${server.url}/engage`, { method: 'POST', body: new URLSearchParams({ data }) })
  expect([answer.status, await answer.text()]).toEqual([200, '1'])
}

async function importEvents(): Promise<void> {
  const events = Array.from({ length: 20 }, (_, amount) => ({
    event: 'Paid',
    properties: {
      time: Date.parse(date) / 1000 + 3600 + amount,
      distinct_id: `user-${amount % 4}`,
      $insert_id: `paid-${amount}`,
      amount,
    },
  }))
  const headers = { authorization: authorization(), 'content-type': 'application/json' }
  const body = JSON.stringify(events)
  const answer = await fetch(`${server.url}/import?strict=1`, { method: 'POST', headers, body })
  expect(answer.status).toBe(200)
}

const sorted = (amounts: number[]) => amounts.sort((left, right) => left - right)

test('the profiles that SDKs send decide what is exported', { timeout: 120_000 }, async () => {
  await engage({ 'user-0': 'free', 'user-1': 'pro', 'user-3': 'pro' })
  await importEvents()
  const expected = Array.from({ length: 20 }, (_, amount) => amount).filter(
    (amount) => amount > 3 && amount % 2 === 1,
  )
  const pipeline = await tenant.pipelines.create({ ...tenant.request(date), where })
  expect(Object.keys(await tenant.pipelines.settled(pipeline))).toEqual(['succeeded'])
  const folder = `${tenant.account.prefix}/${tenant.projectId}/${date.replaceAll('-', '/')}/full_day/`
  const exported = await tenant.account.bucket.events(folder)
  expect(sorted(exported.map(({ properties }) => properties.amount as number))).toEqual(expected)

  const query = new URLSearchParams({ from_date: date, to_date: date, where })
  const headers = { authorization: authorization() }
  const download = await fetch(`${server.url}/api/2.0/export?${query}`, { headers })
  const lines = (await download.text()).trimEnd().split('\n')
  expect(sorted(lines.map((line) => JSON.parse(line).properties.amount))).toEqual(expected)

  const { json } = await tenant.pipelines.call(`manifest?name=${pipeline}&date=${date}`)
  expect(json).toMatchObject({ events: expected.length })
  expect(Date.parse(json.profiles_read_at)).toBeLessThanOrEqual(Date.parse(json.exported_at) + 1000)

  await engage({ 'user-0': 'pro', 'user-1': 'free' })
  const verified = await penstock(['verify', '--pipeline', pipeline, '--json'], env)
  expect([verified.code, JSON.parse(verified.stdout).ok]).toEqual([0, true])
})
