/** Traces of a serving Penstock, as a collector gets them. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  attributeOf,
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../support/otlp-receiver.ts'
import type { RunningPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { openServingPlace, type ServingPlace } from '../support/serving-place.ts'
import { createTenant, datesOverAndDue } from '../support/tenant.ts'

const content = randomBytes(12).toString('hex')
const traceId = randomBytes(16).toString('hex')
const parentId = randomBytes(8).toString('hex')

let stage: ServingPlace
let collector: OtlpReceiver
let server: RunningPenstock
beforeAll(async () => {
  stage = await openServingPlace('tracing', { PENSTOCK_LOG_LEVEL: 'error' })
  collector = await startOtlpReceiver()
  server = await stage.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
})
afterAll(async () => {
  await server?.kill('SIGKILL')
  await collector?.close()
  await stage?.close()
})

const spansOf = (name: string): ReceivedSpan[] => collector.spans.filter((span) => span.name === name)

test('an import, its commit, a run and its files are spans that belong together, without anything of an event', async () => {
  const [date = ''] = datesOverAndDue(1)
  const acme = await createTenant({ env: stage.env, server, place: stage.place }, 'acme')
  const event = {
    event: content,
    properties: {
      time: Date.parse(date) / 1000 + 60,
      distinct_id: content,
      $insert_id: content,
      [content]: content,
    },
  }
  const send = (secret: string, body: string) =>
    fetch(`${server.url}/import?strict=1`, {
      method: 'POST',
      headers: {
        ...{ authorization: basic(`${secret}:`), 'content-type': 'application/json' },
        traceparent: `00-${traceId}-${parentId}-01`,
      },
      body,
    })
  expect((await send(acme.secret, JSON.stringify([event]))).status).toBe(200)
  expect((await send(acme.secret, `[{"event":"${content}"`)).status).toBe(400)
  const name = await acme.pipelines.create(acme.request(date))
  expect(Object.keys(await acme.pipelines.settled(name))).toEqual(['succeeded'])
  // What was not sent yet is sent at the end.
  expect(await server.kill('SIGTERM'), server.log()).toBe(0)

  const imports = spansOf('POST /import')
  expect(imports.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual([
    [traceId, parentId],
    [traceId, parentId],
  ])
  const [taken, refused] = imports as [ReceivedSpan, ReceivedSpan]
  expect(attributeOf(taken, 'penstock.project')).toBe(acme.projectId)
  expect(attributeOf(refused, 'error.type')).toBe('INGEST_BODY_INVALID')
  expect(refused.status?.code ?? 0).toBe(0)

  const [commit, ...otherCommits] = spansOf('commit') as [ReceivedSpan]
  expect(otherCommits).toEqual([])
  expect(attributeOf(commit, 'penstock.events')).toBe(1)
  expect(commit.parentSpanId ?? '').toBe('')
  expect(commit.links.map(({ spanId }) => spanId)).toEqual([taken.spanId])

  const runs = spansOf('run')
  expect(runs.length).toBeGreaterThan(0)
  for (const run of runs) {
    expect(attributeOf(run, 'penstock.project')).toBe(acme.projectId)
    expect(attributeOf(run, 'penstock.run')).toEqual(expect.any(Number))
    expect(attributeOf(run, 'penstock.pipeline')).toEqual(expect.any(Number))
  }
  const [put, ...otherPuts] = spansOf('file put') as [ReceivedSpan]
  expect(otherPuts).toEqual([])
  expect(runs.map(({ spanId }) => spanId)).toContain(put.parentSpanId)
  expect(attributeOf(put, 'penstock.events')).toBe(1)
  expect(spansOf('marker put')).toHaveLength(runs.length)

  expect(collector.resources[0]).toContainEqual({ key: 'service.name', value: { stringValue: 'penstock' } })
  expect(collector.bodies.filter((body) => body.includes(content))).toEqual([])
  expect(collector.bodies.filter((body) => body.includes(acme.secret))).toEqual([])
}, 120_000)

test('nothing of OpenTelemetry is loaded where no collector is named, or traces are switched off', async () => {
  const loaded = async (env: Record<string, string>): Promise<boolean> => {
    const script = `
      import { createRequire } from 'node:module'
      const { startTracing } = await import('./src/telemetry/start-tracing.ts')
      const tracing = await startTracing(${JSON.stringify(env)})
      const { cache } = createRequire(import.meta.url)
      console.log(Object.keys(cache).some((path) => path.includes('@opentelemetry')), tracing.isOn)
      process.exit()`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
    })
    const [isLoaded, isOn] = stdout.trim().split(' ')
    expect(isOn).toBe(isLoaded)
    return isLoaded === 'true'
  }
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }
  expect(await loaded({})).toBe(false)
  expect(await loaded({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBe(false)
  expect(await loaded({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBe(false)
  expect(await loaded(endpoint)).toBe(true)
})
