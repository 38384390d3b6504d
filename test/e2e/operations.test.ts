/**
 * What operators see of a Penstock whose roles are processes of their own.
 *
 * 1. An API, a worker and a scheduler on one database, each with a port for its metrics and health.
 * 2. One project's events are exported; a stranger's are refused; one request fails here.
 * 3. Metrics, health and logs of each process are read.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue, type Tenant } from '../support/tenant.ts'

/** Of an event: no operator gets to see it. */
const content = randomBytes(12).toString('hex')
const dates = datesOverAndDue(2)

let stage: ServingPlace
let api: RunningPenstock
let worker: RunningPenstock
let scheduler: RunningPenstock
let apiMetricsUrl: string
let acme: Tenant
const processes = () => [api, worker, scheduler]

beforeAll(async () => {
  const metricsPort = String(await freePort())
  stage = await openServingPlace('operations', {
    ...{ PENSTOCK_LOG_LEVEL: 'trace', PENSTOCK_SCHEDULER_INTERVAL_MS: '200', PENSTOCK_METRICS_PORT: '0' },
  })
  const { env } = stage
  api = await startPenstock({ ...env, PENSTOCK_METRICS_PORT: metricsPort }, ['--roles', 'api'])
  apiMetricsUrl = `http://127.0.0.1:${metricsPort}`
  worker = await startPenstock(env, ['--roles', 'worker'])
  scheduler = await startPenstock(env, ['--roles', 'scheduler'])

  acme = await createTenant({ env, server: api, place: stage.place }, `acme-${content}`)
  await acme.sendEvents(dates)
  const name = await acme.pipelines.create(acme.request(dates[0] ?? ''))
  expect(Object.keys(await acme.pipelines.settled(name))).toEqual(['succeeded'])
}, 120_000)
afterAll(async () => {
  for (const running of processes()) await running?.kill('SIGTERM')
  await stage?.close()
})

/** Series by their names, of Penstock's own. */
async function metricsOf(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('penstock_'))
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]))
}

const urls = () => [apiMetricsUrl, worker.url, scheduler.url]

test('every role says that it lives and does its work', async () => {
  for (const url of urls()) {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(`${url}${path}`)
      expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
    }
  }
})

test('metrics are on the port that was set for them, and not where customers call', async () => {
  expect((await fetch(`${api.url}/metrics`)).status).toBe(404)
  expect((await fetch(`${api.url}/readyz`)).status).toBe(200)
  expect((await fetch(`${worker.url}/import`)).status).toBe(404)
})

test('each process counts what it did; all show what the database knows', async () => {
  const [apiShows, workerShows, schedulerShows] = await Promise.all(urls().map(metricsOf))
  expect(apiShows?.get('penstock_events_stored_total')).toBe(dates.length)
  expect(apiShows?.get('penstock_bytes_stored_total')).toBeGreaterThan(0)
  expect(apiShows?.get('penstock_commit_seconds_count{outcome="durable"}')).toBe(1)
  expect(
    apiShows?.get('penstock_aws_requests_total{target="destination",action="AssumeRole",outcome="ok"}'),
  ).toBeGreaterThan(0)
  // Yesterday is due too, for most of the day.
  const folders = workerShows?.get('penstock_runs_ended_total{outcome="succeeded"}') ?? 0
  expect(folders).toBeGreaterThanOrEqual(dates.length)
  expect(workerShows?.get('penstock_events_exported_total')).toBe(dates.length)
  expect(
    workerShows?.get('penstock_aws_requests_total{target="destination",action="PutObject",outcome="ok"}'),
  ).toBe(dates.length + folders)
  for (const shows of [apiShows, workerShows, schedulerShows]) {
    expect(shows?.get('penstock_database_up')).toBe(1)
    expect(shows?.get('penstock_runs{state="pending"}')).toBe(0)
    expect(shows?.get('penstock_folder_lag_seconds')).toBe(0)
  }
})

test('refused requests are counted by reason', async () => {
  const before = await metricsOf(apiMetricsUrl)
  await fetch(`${api.url}/import`, {
    method: 'POST',
    headers: { authorization: basic('nobody:') },
    body: '[]',
  })
  await fetch(`${api.url}/api/2.0/nessie/pipeline/jobs`, { headers: { authorization: basic('nobody:') } })
  const body = `[{"event":"${content}"`
  await fetch(`${api.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${acme.secret}:`), 'content-type': 'application/json' },
    body,
  })
  const after = await metricsOf(apiMetricsUrl)
  for (const reason of [
    'INGEST_CREDENTIALS_INVALID',
    'PIPELINE_CREDENTIALS_UNKNOWN',
    'INGEST_BODY_INVALID',
  ]) {
    const series = `penstock_requests_refused_total{reason="${reason}"}`
    expect((after.get(series) ?? 0) - (before.get(series) ?? 0), reason).toBe(1)
  }
})

test('no label has values that customers choose', async () => {
  const labels = new Set<string>()
  for (const url of urls()) {
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).not.toContain(content)
    for (const [, label = ''] of text.matchAll(/[{,](\w+)="/g)) labels.add(label)
  }
  const processOwn = ['kind', 'space', 'type', 'version', 'major', 'minor', 'patch', 'le']
  const own = ['action', 'outcome', 'reason', 'state', 'target']
  expect([...labels].filter((label) => !processOwn.includes(label)).sort()).toEqual(own)
})

test("a run's lines name its project, pipeline and run; nothing of an event is logged", async () => {
  const lines = worker
    .log()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const ofRuns = lines.filter(({ msg }) => String(msg).startsWith('run s'))
  expect(ofRuns.length).toBeGreaterThanOrEqual(2 * dates.length)
  for (const line of ofRuns) {
    expect(line).toMatchObject({
      project: acme.projectId,
      run: expect.any(Number),
      pipeline: expect.any(Number),
    })
  }
  for (const { log } of processes()) expect(log()).not.toContain(content)
})

test('a request that fails here is answered with the id under which the log tells of it', async () => {
  await stage.database.pool.query('alter table segment rename to segment_away')
  const answer = await fetch(`${api.url}/import?strict=1`, {
    method: 'POST',
    headers: { authorization: basic(`${acme.secret}:`), 'content-type': 'application/json' },
    body: JSON.stringify([
      { event: content, properties: { time: Date.now() / 1000, distinct_id: content, $insert_id: content } },
    ]),
  })
  await stage.database.pool.query('alter table segment_away rename to segment')
  expect(answer.status).toBe(503)
  const id = answer.headers.get('x-request-id')
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  const told = () =>
    api
      .log()
      .split('\n')
      .filter((line) => line.includes(`"request":"${id}"`))
  await expect.poll(() => told().length).toBeGreaterThan(0)
  for (const line of told()) expect(JSON.parse(line)).toMatchObject({ project: acme.projectId })
  expect(api.log()).not.toContain(content)
  const shown = await metricsOf(apiMetricsUrl)
  expect(shown.get('penstock_commit_seconds_count{outcome="failed"}')).toBe(1)
  expect(shown.get('penstock_requests_refused_total{reason="STORE_INDEX_UNAVAILABLE"}')).toBe(1)
})
