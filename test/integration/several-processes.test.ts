/**
 * Several processes on one PostgreSQL and one event store: what holds for a project holds in all of them together.
 *
 * 1. Two api processes and, for pipelines, two schedulers, each a process of its own.
 * 2. Requests go to the two in turn; what is counted is what they let through together.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount, grantRole, revokeRole } from '../../src/control/accounts/manage-accounts.ts'
import {
  type CreatedProject,
  createProject,
  deleteProject,
  rotateSecret,
} from '../../src/control/projects/manage-projects.ts'
import { setQuota } from '../../src/control/projects/quota.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { basic, importEvent } from '../support/ingest-server.ts'
import {
  penstockJson,
  type RunningPenstock,
  spawnPenstock,
  startPenstock,
} from '../support/penstock-process.ts'
import { insertPipeline, insertProject } from '../support/pipeline-rows.ts'

const bytesPerMinuteMax = 6_000_000

let folder: string
let database: TestDatabase
let env: Record<string, string>
let apis: RunningPenstock[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-several-'))
  database = await createTestDatabase()
  env = {
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_STORE_URL: pathToFileURL(join(folder, 'events')).href,
    PENSTOCK_IMPORT_BYTES_PER_MINUTE_MAX: String(bytesPerMinuteMax),
    PENSTOCK_RAW_EXPORTS_PER_HOUR_MAX: '5',
    PENSTOCK_RAW_EXPORTS_PER_SECOND_MAX: '1000',
  }
  const start = (name: string) =>
    startPenstock({ ...env, PENSTOCK_DATA_DIR: join(folder, name) }, ['--roles', 'api'])
  apis = await Promise.all([start('first'), start('second')])
})
afterAll(async () => {
  for (const api of apis ?? []) await api.kill('SIGKILL')
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

const newProject = (): Promise<CreatedProject> =>
  createProject(database.db, { name: 'acme', timeZone: 'UTC' })

/** To the two processes in turn. */
const urlOf = (request: number): string => apis[request % 2]?.url ?? ''

async function importTo(url: string, headers: Record<string, string>, events: object[], query = '') {
  const answer = await fetch(`${url}/import${query}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get('retry-after') }
}

/** Requests of equal size to both processes, one after the other; gives how many were let in. */
async function sendInTurn(project: CreatedProject, requests: number, events: () => object[]) {
  const statuses: number[] = []
  for (let request = 0; request < requests; request++) {
    statuses.push((await importTo(urlOf(request), basic(project.apiSecret), events())).status)
  }
  return statuses
}

test('the bytes a minute of a project are those of all processes together', async () => {
  const project = await newProject()
  const padding = 'x'.repeat(100_000)
  const sentBytes = 1_000_000
  const beganMs = performance.now()
  const statuses = await sendInTurn(project, 24, () =>
    Array.from({ length: 10 }, (_, part) => importEvent({ [`p${part}`]: padding })),
  )
  const minutes = (performance.now() - beganMs) / 60_000
  const letIn = statuses.filter((status) => status === 200).length
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
  // A bucket, what refilled meanwhile, and the share that each process may hold.
  const most = bytesPerMinuteMax * (1 + minutes) + 2 * (bytesPerMinuteMax / 60)
  expect(letIn * sentBytes).toBeLessThanOrEqual(most)
  expect(letIn * sentBytes).toBeGreaterThan(bytesPerMinuteMax / 2)
})

test('a quota is that of all processes together, its use is shown, and more can be given', async () => {
  const project = await newProject()
  await setQuota(database.db, project.projectId, { eventsPerDayMax: 100 })
  const ten = () => Array.from({ length: 10 }, () => importEvent())
  const statuses = await sendInTurn(project, 20, ten)
  expect(statuses.filter((status) => status === 200)).toHaveLength(10)
  const refused = await importTo(urlOf(0), basic(project.apiSecret), ten())
  expect([refused.status, JSON.parse(refused.text).error]).toEqual([
    ...[429, expect.stringContaining('100 of the 100 events that it may a day (UTC)')],
  ])
  expect(Number(refused.retryAfter)).toBeGreaterThan(0)
  const id = String(project.projectId)
  const show = () => penstockJson<Record<string, unknown>>(['project', 'show', '--project', id], env)
  expect(await show()).toMatchObject({
    quota: { events_per_day_max: 100, bytes_per_day_max: null },
    usage: { today: { events: 100 }, this_month: { events: 100 } },
  })
  await penstockJson(['project', 'edit', '--project', id, '--events-per-day', 'default'], env)
  for (const { url } of apis) {
    await expect
      .poll(async () => (await importTo(url, basic(project.apiSecret), ten())).status, { timeout: 30_000 })
      .toBe(200)
  }
})

test('raw exports an hour are those of all processes together', async () => {
  const project = await newProject()
  const statuses: number[] = []
  for (let request = 0; request < 12; request++) {
    const query = 'from_date=2024-01-01&to_date=2024-01-01'
    const answer = await fetch(`${urlOf(request)}/api/2.0/export?${query}`, {
      headers: basic(project.apiSecret),
    })
    await answer.text()
    statuses.push(answer.status)
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  expect(statuses.filter((status) => status === 429)).toHaveLength(7)
})

/** Asks one process until it refuses, and then some: what is refused once stays refused. */
async function expectRefused(url: string, headers: Record<string, string>, query = ''): Promise<void> {
  const status = async () => (await importTo(url, headers, [importEvent()], query)).status
  await expect.poll(status, { timeout: 30_000 }).toBe(401)
  for (let again = 0; again < 3; again++) expect(await status()).toBe(401)
}

test('a secret that is rotated, a role that is revoked and a project that is deleted end in every process', async () => {
  const project = await newProject()
  const { username, secret } = await createAccount(database.db, 'import')
  await grantRole(database.db, 'import', { projectId: project.projectId, role: 'admin' })
  const account = basic(username, secret)
  const query = `?project_id=${project.projectId}`
  for (const { url } of apis) {
    expect((await importTo(url, basic(project.apiSecret), [importEvent()])).status).toBe(200)
    expect((await importTo(url, account, [importEvent()], query)).status).toBe(200)
  }
  const apiSecret = await rotateSecret(database.db, project.projectId)
  await revokeRole(database.db, 'import', project.projectId)
  for (const { url } of apis) {
    await expectRefused(url, basic(project.apiSecret))
    await expectRefused(url, account, query)
    expect((await importTo(url, basic(apiSecret), [importEvent()])).status).toBe(200)
  }
  await deleteProject(database.db, project.projectId)
  for (const { url } of apis) await expectRefused(url, basic(apiSecret))
})

test('schedulers in several processes plan each folder once, with one job', {
  timeout: 120_000,
}, async () => {
  const projectId = await insertProject(database.db)
  const due = {
    next_local_hour: 473_352,
    next_due_at: new Date('2024-01-01T00:00:00Z'),
    to_date: '2024-01-10',
  }
  const pipelines = await Promise.all(
    Array.from({ length: 40 }, () => insertPipeline(database.db, projectId, due as never)),
  )
  const schedulers = ['third', 'fourth', 'fifth'].map((name) =>
    spawnPenstock({ ...env, PENSTOCK_DATA_DIR: join(folder, name), PENSTOCK_SCHEDULER_INTERVAL_MS: '50' }, [
      ...['--roles', 'scheduler'],
    ]),
  )
  const planned = async () => {
    const { rows } = await sql<{ pipelines: number; runs: number; jobs: number }>`
      select count(distinct pipeline_id)::integer as pipelines, count(*)::integer as runs,
        (select count(*)::integer from pgboss.job where name = 'export-run') as jobs
      from run where pipeline_id = any(${pipelines}) and kind = 'export'`.execute(database.db)
    return rows[0]
  }
  // Ten days each.
  await expect.poll(planned, { timeout: 60_000 }).toEqual({ pipelines: 40, runs: 400, jobs: 400 })
  for (const scheduler of schedulers) expect(await scheduler.kill('SIGTERM')).toBe(0)
  expect(await planned()).toEqual({ pipelines: 40, runs: 400, jobs: 400 })
})
