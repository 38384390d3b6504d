/**
 * The memory of a serving process while it exports a small day and one ten times as large (invariant 5).
 *
 * 1. Two projects send a day each through /import: one of 200 MB, one of 2 GB of event lines.
 * 2. A new process exports the small day four times over, so that its heaps have grown to what such a day takes, and then the
 *    large one: members are copied. The peaks differ by less than 100 MB.
 * 3. Three in a hundred events are sent again, spread over the whole day, so that every member has to be opened.
 * 4. A new process exports both again, with a selection of events: everything is rewritten. The same bound holds.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createEventGenerator } from '../support/event-generator.ts'
import { type Env, penstockJson, type RunningPenstock, startPenstock } from '../support/penstock-process.ts'
import { basic } from '../support/pipeline-server.ts'
import { pipelinesClient } from '../support/pipelines-client.ts'
import { type SandboxProcess, startSandboxProcess } from '../support/sandbox-process.ts'
import { exporter, roleOf, worldOfCustomers } from '../support/sandbox-world.ts'

const megabyte = 1_000_000
const largeDayBytes = Number(process.env.EXPORT_MEMORY_DAY_MB ?? 2000) * megabyte
const smallDayBytes = largeDayBytes / 10
const differenceBytesMax = 100 * megabyte

const eventsPerRequest = 2000
const requestsAtOnce = 3
/** One event of each of so many requests goes into a request that repeats them. */
const repeatedEvery = 33
// Enough names that a member holds several: a selection has to open it.
const eventNames = Array.from({ length: 24 }, (_, index) => `Event ${index}`)
const selectedNames = eventNames.slice(0, 18)
const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
const scenarioMs = 15 * 60_000

interface Day {
  customer: { account: string; region: string; bucket: string; externalId: string }
  secret: string
  requests: number
}

let folder: string
let database: TestDatabase
let sandbox: SandboxProcess
let env: Env
let smallDay: Day
let largeDay: Day

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-export-memory-'))
  database = await createTestDatabase()
  env = {
    PENSTOCK_DATA_DIR: join(folder, 'data'),
    PENSTOCK_DATABASE_URL: database.url,
    PENSTOCK_S3_PATH_STYLE: 'true',
    PENSTOCK_PIPELINES_DATED_MAX: '20',
    PENSTOCK_IMPORT_BYTES_PER_MINUTE_MAX: String(1e12),
    AWS_ACCESS_KEY_ID: exporter.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
  }
  smallDay = await createDay('222222222222', smallDayBytes)
  largeDay = await createDay('333333333333', largeDayBytes)
  sandbox = await startSandboxProcess(worldOfCustomers([smallDay.customer, largeDay.customer]), folder)
  env.AWS_ENDPOINT_URL = sandbox.url
})
afterAll(async () => {
  await sandbox?.stop()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

test('memory while a day is exported does not grow with the day', { timeout: scenarioMs }, async () => {
  await withPenstock(async (server) => {
    for (const sent of [smallDay, largeDay]) await sendDay(server, sent)
  })
  await withPenstock(async (server) => {
    const small = await settledPeak(server, smallDay, { s3_prefix: 'copied' })
    const large = await exportPeak(server, largeDay, { s3_prefix: 'copied' })
    report('copied', small, large)
    expect(small.events).toBe(smallDay.requests * eventsPerRequest)
    expect(large.events).toBe(largeDay.requests * eventsPerRequest)
    expect(large.peakBytes - small.peakBytes).toBeLessThan(differenceBytesMax)
  })

  await withPenstock(async (server) => {
    for (const sent of [smallDay, largeDay]) await sendRepeats(server, sent)
  })
  await withPenstock(async (server) => {
    const selection = { s3_prefix: 'rewritten', events: selectedNames }
    const small = await settledPeak(server, smallDay, selection)
    const large = await exportPeak(server, largeDay, selection)
    report('rewritten', small, large)
    expect(small.events).toBe(smallDay.requests * selectedPerRequest())
    expect(large.events).toBe(largeDay.requests * selectedPerRequest())
    expect(large.peakBytes - small.peakBytes).toBeLessThan(differenceBytesMax)
  })
})

async function withPenstock(use: (server: RunningPenstock) => Promise<void>): Promise<void> {
  const server = await startPenstock(env)
  try {
    await use(server)
  } finally {
    await server.kill('SIGTERM')
  }
}

async function createDay(account: string, bytes: number): Promise<Day> {
  const project = await penstockJson<{ token: string; api_secret: string }>(
    ['project', 'create', '--name', `project of ${account}`],
    env,
  )
  return {
    customer: { account, region: 'us-west-2', bucket: `raw-${account}`, externalId: project.token },
    secret: project.api_secret,
    requests: Math.ceil(bytes / createGenerator(1).bytesPerRequest),
  }
}

/** The day's requests go through its hours in order, as live events do. */
function createGenerator(requests: number) {
  const midnight = Date.parse(day) / 1000
  return createEventGenerator({
    eventNames,
    eventsPerRequest,
    payloadDigits: 900,
    timeSeconds: (serial) => midnight + Math.floor((serial / (requests * eventsPerRequest)) * 86_400),
  })
}

async function sendDay(server: RunningPenstock, sent: Day): Promise<void> {
  await sendRequests(server, sent, sent.requests, (request, index) => request * eventsPerRequest + index)
}

/** Each request repeats one event of the same place in the body of each of so many requests. */
async function sendRepeats(server: RunningPenstock, sent: Day): Promise<void> {
  const requests = Math.ceil(sent.requests / repeatedEvery)
  await sendRequests(server, sent, requests, (request, index) => {
    const repeated = Math.min(request * repeatedEvery + (index % repeatedEvery), sent.requests - 1)
    return repeated * eventsPerRequest + index
  })
}

async function sendRequests(
  server: RunningPenstock,
  sent: Day,
  count: number,
  serialAt: (request: number, index: number) => number,
): Promise<void> {
  let next = 0
  const sendSome = async (): Promise<void> => {
    const generator = createGenerator(sent.requests)
    while (next < count) {
      const request = next++
      const answer = await fetch(`${server.url}/import?strict=1`, {
        method: 'POST',
        headers: { authorization: basic(`${sent.secret}:`), 'content-type': 'application/x-ndjson' },
        body: new Uint8Array(generator.next((index) => serialAt(request, index))),
      })
      if (answer.status !== 200) throw new Error(`/import: ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: requestsAtOnce }, sendSome))
}

interface ExportPeak {
  events: number
  bytes: number
  peakBytes: number
}

/** Exports the day and gives the most memory that the process held meanwhile. */
async function exportPeak(
  server: RunningPenstock,
  { secret, customer }: Day,
  changes: Record<string, string | string[]>,
): Promise<ExportPeak> {
  const pipelines = pipelinesClient(server.url, secret)
  // 5 sets the high-water mark of the resident set back to what it is now (proc(5), clear_refs).
  await writeFile(`/proc/${server.pid}/clear_refs`, '5')
  const name = await pipelines.create({
    type: 's3-raw',
    from_date: day,
    to_date: day,
    s3_bucket: customer.bucket,
    s3_region: customer.region,
    s3_role: roleOf(customer),
    ...changes,
  })
  const { succeeded } = await pipelines.settled(name, scenarioMs)
  const run = succeeded?.[0]
  return { events: run?.events ?? 0, bytes: run?.bytes ?? 0, peakBytes: await highWaterMark(server.pid) }
}

/** The highest of four exports: what a process takes that has only just started says more of its age than of the day. */
async function settledPeak(
  server: RunningPenstock,
  sent: Day,
  changes: { s3_prefix: string; events?: string[] },
): Promise<ExportPeak> {
  const peaks: ExportPeak[] = []
  for (const time of ['1', '2', '3', '4']) {
    peaks.push(await exportPeak(server, sent, { ...changes, s3_prefix: `${changes.s3_prefix}-${time}` }))
  }
  return peaks.reduce((highest, peak) => (peak.peakBytes > highest.peakBytes ? peak : highest))
}

async function highWaterMark(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

function selectedPerRequest(): number {
  const indexes = Array.from({ length: eventsPerRequest }, (_, index) => index % eventNames.length)
  return indexes.filter((nameIndex) => nameIndex < selectedNames.length).length
}

function report(what: string, small: ExportPeak, large: ExportPeak): void {
  const inMegabytes = (bytes: number) => `${Math.round(bytes / megabyte)} MB`
  const line = ({ bytes, peakBytes }: ExportPeak) =>
    `${inMegabytes(bytes)} delivered with a peak of ${inMegabytes(peakBytes)}`
  process.stdout.write(`export memory, ${what}: small day ${line(small)}; large day ${line(large)}\n`)
}
