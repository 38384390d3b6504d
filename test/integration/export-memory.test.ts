/**
 * The memory of a serving process while it exports a small day and one ten times as large (invariant 5).
 *
 * 1. Two projects send a day each through /import: one of 60 MB, one of 600 MB of event lines.
 * 2. A new process exports the small day several times over, so that its heaps have grown to what such a day takes, and then
 *    the large one twice: members are copied. The peaks differ by less than 100 MB.
 * 3. Three in a hundred events are sent again, spread over the whole day, so that every member has to be opened.
 * 4. A new process exports both again, with a selection of events: everything is rewritten. The same bound holds.
 *
 * EXPORT_MEMORY_DAY_MB makes the large day larger or smaller, and the small one with it. EXPORT_MEMORY_STORE=s3 does the same
 * with the event store in an S3.
 *
 * A peak is what an export needs and what the collector has not come to yet, which is tens of megabytes more at one time than
 * at another. So the highest of the small day's stands beside the lowest of the large day's: what grows with the day is in
 * each of them. Nothing is merged meanwhile: compaction has a bound of its own (`PENSTOCK_MERGE_BYTES_MAX`), and the peak
 * would be that of the moment at which it happens to work.
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
import { type StoreSandbox, startStoreSandbox } from '../support/store-sandbox.ts'

const megabyte = 1_000_000
const largeDayBytes = Number(process.env.EXPORT_MEMORY_DAY_MB ?? 600) * megabyte
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
const smallExports = 6
const largeExports = 2
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
let storeSandbox: StoreSandbox | undefined
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
    PENSTOCK_COMPACTION_BYTES_PER_SECOND_MAX: '0',
    AWS_ACCESS_KEY_ID: exporter.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
  }
  if (process.env.EXPORT_MEMORY_STORE === 's3') {
    storeSandbox = await startStoreSandbox()
    Object.assign(env, storeSandbox.env)
  }
  smallDay = await createDay('222222222222', smallDayBytes)
  largeDay = await createDay('333333333333', largeDayBytes)
  sandbox = await startSandboxProcess(worldOfCustomers([smallDay.customer, largeDay.customer]), folder)
  env.AWS_ENDPOINT_URL = sandbox.url
})
afterAll(async () => {
  await sandbox?.stop()
  await storeSandbox?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

test('memory while a day is exported does not grow with the day', { timeout: scenarioMs }, async () => {
  await withPenstock(async (server) => {
    for (const sent of [smallDay, largeDay]) await sendDay(server, sent)
  })
  await withPenstock((server) => comparePeaks(server, { s3_prefix: 'copied' }, eventsPerRequest))

  await withPenstock(async (server) => {
    for (const sent of [smallDay, largeDay]) await sendRepeats(server, sent)
  })
  await withPenstock((server) =>
    comparePeaks(server, { s3_prefix: 'rewritten', events: selectedNames }, selectedPerRequest()),
  )
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

/** The peaks of so many exports of the day, one after the other, each to a prefix of its own; the lowest first. */
async function exportPeaks(
  server: RunningPenstock,
  sent: Day,
  times: number,
  changes: { s3_prefix: string; events?: string[] },
): Promise<ExportPeak[]> {
  const peaks: ExportPeak[] = []
  for (let time = 1; time <= times; time++) {
    peaks.push(await exportPeak(server, sent, { ...changes, s3_prefix: `${changes.s3_prefix}-${time}` }))
  }
  return peaks.sort((a, b) => a.peakBytes - b.peakBytes)
}

/** What a process takes that has only just started says more of its age than of the day: hence several exports of the small one. */
async function comparePeaks(
  server: RunningPenstock,
  changes: { s3_prefix: string; events?: string[] },
  eventsPerRequestLeft: number,
): Promise<void> {
  const small = await exportPeaks(server, smallDay, smallExports, changes)
  const large = await exportPeaks(server, largeDay, largeExports, changes)
  report(changes.s3_prefix, small, large)
  for (const { events } of small) expect(events).toBe(smallDay.requests * eventsPerRequestLeft)
  for (const { events } of large) expect(events).toBe(largeDay.requests * eventsPerRequestLeft)
  const [lowest, highest] = [large.at(0), small.at(-1)]
  expect((lowest?.peakBytes ?? Number.NaN) - (highest?.peakBytes ?? Number.NaN)).toBeLessThan(
    differenceBytesMax,
  )
}

async function highWaterMark(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

function selectedPerRequest(): number {
  const indexes = Array.from({ length: eventsPerRequest }, (_, index) => index % eventNames.length)
  return indexes.filter((nameIndex) => nameIndex < selectedNames.length).length
}

function report(what: string, small: ExportPeak[], large: ExportPeak[]): void {
  const line = (peaks: ExportPeak[]) =>
    `${Math.round((peaks[0]?.bytes ?? 0) / megabyte)} MB delivered, peaks of ${peaks.map(({ peakBytes }) => Math.round(peakBytes / megabyte)).join(', ')} MB`
  process.stdout.write(`export memory, ${what}: small day ${line(small)}; large day ${line(large)}\n`)
}
