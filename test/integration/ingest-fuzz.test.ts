/**
 * Fuzzed requests of /import, /track and /engage on a real server: whatever comes, it is answered, never with 500; what was
 * sound is stored whatever stood beside it; and nothing goes to a project that it does not belong to.
 *
 * 1. Requests are made of sound records, of wild ones (keys twice, numbers that no double holds, surrogates, known keys with
 *    anything in them) and of junk, in every spelling that an address takes, packed or not, some damaged byte by byte.
 * 2. Of a request that is whole each sound record is stored, once, in its project; the counts of the answer are exact.
 * 3. Of a damaged one only an answer is promised, and that no event is in a project that its token does not name.
 *
 * The seeds below are kept; INGEST_FUZZ_MINUTES=10 tries new ones for so long, and prints each with the memory that is alive
 * (with the MALLOC_ settings of bin/penstock, or memory that glibc keeps will end it).
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import {
  eventRecords,
  type FuzzRecord,
  markName,
  profileRecords,
} from '../support/ingest-fuzz/fuzz-records.ts'
import {
  type FuzzRequest,
  fuzzRequest,
  importSpellings,
  trackSpellings,
} from '../support/ingest-fuzz/fuzz-requests.ts'
import { acme, basic, other, startIngestServer } from '../support/ingest-server.ts'

const keptSeeds = [1, 2, 3, 20_260_304]
const runsPerSeed = 150
const runsPerNewSeed = 500
const minutes = Number(process.env.INGEST_FUZZ_MINUTES ?? 0)
/**
 * Of the server, its thread and the fuzzer together, over what they began with. Generous: glibc keeps what was freed here, where
 * its settings are not those of bin/penstock.
 */
const growthBytesMax = 2 * 1024 ** 3

const nowSeconds = 1_772_625_600
const world = { nowSeconds, tokens: [acme.token, other.token] }

let threads: ThreadPool
let server: Awaited<ReturnType<typeof startIngestServer>>
beforeAll(async () => {
  threads = createThreadPool(1)
  server = await startIngestServer({
    run: threads.run,
    clock: { nowMs: () => nowSeconds * 1000 },
    importBytesPerMinuteMax: Number.MAX_SAFE_INTEGER,
  })
})
afterAll(async () => {
  await server?.close()
  await threads?.close()
})

interface Answer {
  status: number
  text: string
}

async function send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
  server.stored.length = 0
  server.profileUpdates.length = 0
  const response = await fetch(server.url + path, { method, headers, body })
  return { status: response.status, text: await response.text() }
}

/** Everything that the server may say of bytes that anybody sent. */
const statuses = [200, 400, 401, 413, 415]

/** Records of a whole request that must be stored, in their order. */
const soundMarks = (records: FuzzRecord[], owner?: string) =>
  records
    .filter((record) => record.owner !== undefined && (owner ?? record.owner) === record.owner)
    .map(markOf)

function markOf({ text }: FuzzRecord): number {
  return Number(new RegExp(`"${markName}":(\\d+)`).exec(text)?.[1])
}

const marksOf = (properties: Record<string, unknown>[]) =>
  properties.map((kept) => kept[markName]).filter((mark) => Number.isInteger(mark))

const tokensById = new Map<number, string>([acme, other].map(({ id, token }) => [id, token]))

async function fuzzImport(request: FuzzRequest): Promise<void> {
  const { status, text } = await send(request)
  expect(statuses).toContain(status)
  expect(server.stored.every(({ projectId }) => projectId === acme.id)).toBe(true)
  if (request.damaged) return
  const answer = JSON.parse(text)
  expect([200, 400]).toContain(status)
  expect(answer.num_records_imported).toBe(server.stored.length)
  if (request.path.includes('strict=1')) {
    expect(server.stored.length + (answer.failed_records?.length ?? 0)).toBe(request.records.length)
  }
  // Whose token an event holds does not matter here: the credentials say whose it is.
  expect(soundMarks(request.records).filter((mark) => !storedMarks().includes(mark))).toEqual([])
}

const storedMarks = () => marksOf(server.stored.map(({ properties }) => properties))

async function fuzzTrack(request: FuzzRequest): Promise<void> {
  const { status, text } = await send(request)
  expect(statuses).toContain(status)
  for (const { projectId, properties } of server.stored) {
    expect(properties.token).toBe(tokensById.get(projectId))
  }
  if (request.damaged) return
  expect(status).toBe(200)
  const stored = server.stored.length
  expect(JSON.parse(text).status).toBe(stored === request.records.length ? 1 : 0)
  for (const { id, token } of [acme, other]) {
    const kept = marksOf(
      server.stored.filter(({ projectId }) => projectId === id).map(({ properties }) => properties),
    )
    expect(soundMarks(request.records, token).filter((mark) => !kept.includes(mark))).toEqual([])
  }
}

async function fuzzEngage(request: FuzzRequest): Promise<void> {
  const { status, text } = await send(request)
  expect(statuses).toContain(status)
  if (request.damaged) return
  expect(status).toBe(200)
  const made = server.profileUpdates.length
  expect(JSON.parse(text).status).toBe(made === request.records.length ? 1 : 0)
  for (const { id, token } of [acme, other]) {
    const kept = marksOf(
      server.profileUpdates.filter(({ projectId }) => projectId === id).map(({ update }) => update.set),
    )
    expect(soundMarks(request.records, token).filter((mark) => !kept.includes(mark))).toEqual([])
  }
}

const targets: Record<
  string,
  { requests: fc.Arbitrary<FuzzRequest>; fuzz(request: FuzzRequest): Promise<void> }
> = {
  '/import': {
    requests: fuzzRequest(eventRecords(world), importSpellings(basic(acme.secret).authorization)),
    fuzz: fuzzImport,
  },
  '/track': { requests: fuzzRequest(eventRecords(world), trackSpellings('/track/')), fuzz: fuzzTrack },
  '/engage': { requests: fuzzRequest(profileRecords(world), trackSpellings('/engage')), fuzz: fuzzEngage },
}

async function fuzz(path: string, seed: number, numRuns: number): Promise<void> {
  const { requests, fuzz: check } = targets[path] as (typeof targets)[string]
  await fc.assert(fc.asyncProperty(requests, check), { seed, numRuns })
}

const startBytes = process.memoryUsage().rss
const expectBoundedMemory = () => expect(process.memoryUsage().rss - startBytes).toBeLessThan(growthBytesMax)

/** What is alive, once all that is not has been collected; the rest of what the system counts is the allocator's. */
function describeMemory(): string {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, heapTotal, external, arrayBuffers, rss } = process.memoryUsage()
  const mebibytes = Object.entries({ heapUsed, heapTotal, external, arrayBuffers, rss })
  return mebibytes.map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(1)}`).join(', ')
}

test.each(Object.keys(targets).flatMap((path) => keptSeeds.map((seed): [string, number] => [path, seed])))(
  '%s, seed %i',
  async (path, seed) => {
    await fuzz(path, seed, runsPerSeed)
    expectBoundedMemory()
  },
)

test.runIf(minutes > 0)('new seeds', { timeout: (minutes + 5) * 60_000 }, async () => {
  const endMs = Date.now() + minutes * 60_000
  while (Date.now() < endMs) {
    const seed = Math.floor(Math.random() * 2 ** 31)
    process.stdout.write(`seed ${seed}; ${describeMemory()}\n`)
    for (const path of Object.keys(targets)) await fuzz(path, seed, runsPerNewSeed)
    expectBoundedMemory()
  }
})
