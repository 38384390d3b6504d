/**
 * `serve` without what it stands on: its database away, its disk full. It says so, acknowledges nothing that it can't keep,
 * and goes on by itself when the thing is back.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRandom } from '../../demo/random.ts'
import type { TestDatabase } from '../support/database.ts'
import type { SandboxPlace } from '../support/export-place.ts'
import { createLoyalClient, type LoyalClient } from '../support/loyal-client.ts'
import { type Env, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { startStoreSandbox } from '../support/store-sandbox.ts'
import { openTcpGate, type TcpGate } from '../support/tcp-gate.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

let stage: ServingPlace
let folder: string
let database: TestDatabase
let place: SandboxPlace
let env: Env
const closings: (() => unknown)[] = []
beforeEach(async () => {
  stage = await openServingPlace('deprived', {
    PENSTOCK_LOG_LEVEL: 'error',
    PENSTOCK_SCHEDULER_INTERVAL_MS: '100',
  })
  ;({ folder, database, place, env } = stage)
})
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close()
  await stage?.close()
})

const day = datesOverAndDue(1)[0] ?? ''

async function post(server: RunningPenstock, path: string, secret: string): Promise<Response> {
  const properties = {
    time: Date.parse(day) / 1000,
    distinct_id: 'u',
    $insert_id: 'not-taken',
    token: secret,
  }
  return await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: basic(`${secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify([{ event: 'Not taken', properties }]),
  })
}

/** A way to a server that a test can shut or silence, and the URL that leads through it. */
async function openGateTo(target: string): Promise<{ gate: TcpGate; url: string }> {
  const url = new URL(target)
  const gate = await openTcpGate({ host: url.hostname, port: Number(url.port) })
  closings.push(() => gate.close())
  url.port = String(gate.port)
  url.hostname = '127.0.0.1'
  return { gate, url: url.href }
}

function clientOf(tenant: Tenant): LoyalClient {
  return createLoyalClient({
    id: tenant.projectId,
    secret: tenant.secret,
    token: tenant.token,
    dayStartSeconds: Date.parse(day) / 1000,
    random: createRandom(1),
  })
}

/** What works in the background may have waited on a silent connection for a minute before it is found out. */
const settledMsMax = 180_000

/** Every event that was answered, or sent again until it was, is exported once. */
async function expectExported(tenant: Tenant, client: LoyalClient): Promise<void> {
  const name = await tenant.pipelines.create(tenant.request(day))
  expect(Object.keys(await tenant.pipelines.settled(name, settledMsMax))).toEqual(['succeeded'])
  const path = `${tenant.account.prefix}/${tenant.projectId}/${day.replaceAll('-', '/')}/full_day/`
  const exported = await tenant.account.bucket.events(path)
  const ids = (events: { properties: unknown }[]) =>
    events.map(({ properties }) => (properties as { $insert_id: string }).$insert_id).sort()
  expect(ids(exported as { properties: unknown }[])).toEqual(ids(client.sent))
}

/** What the page of the console asks for as it is opened. */
const consolePaths = [
  '/api/2.0/live',
  '/api/2.0/schema',
  '/api/2.0/events/recent?distinct_id=ann',
  '/api/2.0/nessie/pipeline/folders?name=none',
]

async function readiness(
  server: RunningPenstock,
): Promise<{ status: number; reasons: string[] | undefined }> {
  const answer = await fetch(`${server.url}/readyz`)
  return { status: answer.status, reasons: ((await answer.json()) as { reasons?: string[] }).reasons }
}

test('its database away: 503 on every path, alive, and all is well when it is back', {
  timeout: 120_000,
}, async () => {
  const { gate, url: databaseUrl } = await openGateTo(database.url)
  const server = await startPenstock({ ...env, PENSTOCK_DATABASE_URL: databaseUrl })
  closings.push(() => server.kill('SIGTERM'))
  const tenant = await createTenant({ env, server, place }, 'away')
  const client = clientOf(tenant)
  await client.send(server.url, 5)
  for (let absence = 1; absence <= 3; absence++) {
    // Cut while the clients send: connections break in the middle of transactions.
    const sending = client.sendTo(server.url)
    gate.shut()
    await sending
    const unknown = absence.toString(16).repeat(32)
    for (const [path, secret] of [
      ['/import', tenant.secret],
      ['/import', unknown],
      ['/track', tenant.token],
    ] as const) {
      const answer = await post(server, path, secret)
      expect([path, answer.status]).toEqual([path, 503])
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const status = await tenant.pipelines.call('jobs')
    expect(status).toEqual({
      status: 503,
      json: { error: 'the database is away for the moment; try again', status: 'error' },
    })
    for (const path of consolePaths) {
      const answer = await fetch(server.url + path, {
        headers: { authorization: basic(`${tenant.secret}:`) },
      })
      expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5'])
    }
    expect(await readiness(server)).toEqual({ status: 503, reasons: ['the database is away'] })
    gate.open()
    await expect.poll(() => readiness(server), { timeout: 20_000 }).toMatchObject({ status: 200 })
    await client.settle(server.url)
  }
  await expectExported(tenant, client)
})

/**
 * The database's host says nothing more, as one that lost its network: no connection breaks, and new ones are not answered
 * either. When another has taken its place, the old connections stay silent for good.
 */
test('its database silent: 503 on every path in the time of the setting, and all is well when another answers; it ends when it is told to', {
  timeout: 240_000,
}, async () => {
  const { gate, url: databaseUrl } = await openGateTo(database.url)
  const server = await startPenstock({
    ...env,
    PENSTOCK_DATABASE_URL: databaseUrl,
    PENSTOCK_DATABASE_ANSWER_MS_MAX: '2000',
    PENSTOCK_COMMIT_SECONDS_MAX: '2',
    PENSTOCK_SHUTDOWN_SECONDS: '2',
  })
  closings.push(() => server.kill('SIGKILL'))
  const tenant = await createTenant({ env, server, place }, 'silent')
  const client = clientOf(tenant)
  await client.send(server.url, 5)
  const sending = client.sendTo(server.url)
  gate.silence()
  await sending
  // More at once than there are connections: each waits for one, and none for ever.
  const paths = ['/import', '/track', '/engage'].flatMap((path) => Array.from({ length: 10 }, () => path))
  const answers = await Promise.all(
    paths.map((path, index) => post(server, path, index.toString(16).padStart(32, '0'))),
  )
  for (const [index, answer] of answers.entries()) {
    expect([paths[index], answer.status]).toEqual([paths[index], 503])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(await tenant.pipelines.call('jobs')).toMatchObject({ status: 503 })
  expect(await readiness(server)).toEqual({ status: 503, reasons: ['the database does not answer'] })
  gate.open()
  await expect.poll(() => readiness(server), { timeout: 20_000 }).toMatchObject({ status: 200 })
  await client.settle(server.url)
  // What works in the background has waited on, until its connections were found to be silent.
  await expectExported(tenant, client)
  gate.silence()
  expect(await server.kill('SIGTERM')).toBe(0)
})

test('its destination silent amid an export: it ends when it is told to, and the run is handed back', {
  timeout: 60_000,
}, async () => {
  const { gate, url } = await openGateTo(place.env.AWS_ENDPOINT_URL ?? '')
  const server = await startPenstock({ ...env, AWS_ENDPOINT_URL: url, PENSTOCK_SHUTDOWN_SECONDS: '2' })
  closings.push(() => server.kill('SIGKILL'))
  const tenant = await createTenant({ env, server, place }, 'hung')
  await tenant.sendEvents([day])
  gate.silence()
  await tenant.pipelines.create({ ...tenant.request(day), to_date: day, skip_check: 'true' })
  const states = async () =>
    (await database.db.selectFrom('run').select('state').execute()).map(({ state }) => state)
  await expect.poll(states, { timeout: 20_000 }).toEqual(['running'])
  expect(await server.kill('SIGTERM')).toBe(0)
  expect(await states()).toEqual(['pending'])
})

test("its store's S3 silent amid a commit: it ends when it is told to, and acknowledges nothing", {
  timeout: 60_000,
}, async () => {
  const store = await startStoreSandbox()
  closings.push(() => store.close())
  const { gate, url } = await openGateTo(store.url)
  const server = await startPenstock({
    ...{ ...env, ...store.env },
    ...{ PENSTOCK_STORE_S3_ENDPOINT: url, PENSTOCK_SHUTDOWN_SECONDS: '2' },
  })
  closings.push(() => server.kill('SIGKILL'))
  const tenant = await createTenant({ env: { ...env, ...store.env }, server, place }, 'hung')
  gate.silence()
  const answer = post(server, '/import', tenant.secret)
    .then(({ status }) => status)
    .catch(() => 'cut')
  // Time for the commit to begin.
  await sleep(1000)
  expect(await server.kill('SIGTERM')).toBe(0)
  expect(await answer).toBe('cut')
})

/** A disk of its own size needs the right to mount one, which a build machine may not give. */
function mountSmallDisk(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'none', path], { stdio: 'ignore' })
  } catch {
    return false
  }
  closings.push(() => execFileSync('umount', [path]))
  return true
}

test('its disk full: 503 and not ready, nothing half stored, and on again with room', {
  timeout: 120_000,
}, async ({ skip }) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  skip(!mountSmallDisk(disk), 'this user may not mount a small disk')
  const server = await startPenstock({ ...env, PENSTOCK_STORE_URL: `file://${join(disk, 'events')}` })
  closings.push(() => server.kill('SIGTERM'))
  const tenant = await createTenant({ env, server, place }, 'full')
  const client = clientOf(tenant)
  await client.send(server.url, 5)
  expect(await readiness(server)).toMatchObject({ status: 200 })

  const ballast = join(disk, 'ballast')
  await writeFile(ballast, Buffer.alloc(79 * 1024 * 1024))
  await writeFile(join(disk, 'more'), Buffer.alloc(1024 * 1024)).catch(() => undefined)
  await client.sendTo(server.url)
  const answer = await post(server, '/import', tenant.secret)
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await readiness(server)).toEqual({ status: 503, reasons: ['the disk of the event store is full'] })

  await rm(ballast)
  await expect.poll(() => readiness(server), { timeout: 20_000 }).toMatchObject({ status: 200 })
  await client.settle(server.url)
  await expectExported(tenant, client)
})
