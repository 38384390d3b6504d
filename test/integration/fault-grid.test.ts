/**
 * What AWS and the network can do to a run, at each of its requests. Each cell is a project with an account of its own:
 *
 * 1. its folder is there from before: `complete` and an older file, or a finished day that late events come to;
 * 2. the fault strikes one kind of request six times in a row, so that the five tries of a request are not enough;
 * 3. the run is worked until it has succeeded, and the folder is verified.
 *
 * All cells are worked first, several at once; each test judges one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../sandbox/request-log.ts'
import { workThrough } from '../../src/work-through.ts'
import type { FolderDifference } from '../../src/workflows/verify-folder.ts'
import type { ExportedEvent } from '../support/bucket-reader.ts'
import { createExportWorld, type ExportWorld } from '../support/export-world.ts'
import {
  day,
  earlyCompletes,
  type Finished,
  finish,
  type GridPlace,
  type GridTenant,
  openGridPlace,
  prepare,
  type RunKindName,
  requestsFor,
  verify,
} from '../support/fault-grid.ts'
import { roleOf } from '../support/sandbox-world.ts'
import { openStorePlace, type StorePlace } from '../support/store-place.ts'

const idleTimeoutMs = 500
const theRead = 'the read in place of a head'
const faults = {
  'a 429': { status: 429, code: 'TooManyRequests' },
  'a 500': { status: 500, code: 'InternalError' },
  'a 503 SlowDown': { status: 503, code: 'SlowDown' },
  'a connection that is reset': { connection_reset: true },
  'a body that is cut at half': { cut_after_bytes: 150 },
  'an answer that is lost': { answer_lost: true },
  'an expired token': { status: 400, code: 'ExpiredToken' },
  'an InternalError inside a 200': { status: 200, code: 'InternalError' },
  'a skewed clock': { clock_skew_ms: 3 * 3_600_000 },
  'a delay past the time-out': { delay_ms: 600_000 },
}
const places = {
  AssumeRole: (tenant: GridTenant) => ({ action: 'AssumeRole', role: roleOf(tenant.customer) }),
  'the put of a file': inBucket({ action: 'PutObject', key: '\\.json\\.gz$' }),
  'the put of `complete`': inBucket({ action: 'PutObject', key: '/complete$' }),
  'a list': inBucket({ action: 'ListObjectsV2' }),
  'a delete': inBucket({ action: 'DeleteObject' }),
  // No run asks for a head: the answers to its puts say all. What looks at single objects is `verify`, which reads them.
  [theRead]: inBucket({ action: 'GetObject' }),
}
type FaultName = keyof typeof faults
type PlaceName = keyof typeof places

/** Cells that can't be, with what shows it of all requests of all the others. */
const impossible: {
  fault: FaultName
  place: PlaceName
  why: string
  holds(record: RequestRecord): boolean
}[] = [
  {
    fault: 'a body that is cut at half',
    place: 'the put of `complete`',
    why: 'it is empty, and so is its answer',
    holds: ({ action, key, bytes_in: bytes }) =>
      action !== 'PutObject' || key?.endsWith('/complete') !== true || bytes === 0,
  },
  {
    fault: 'a body that is cut at half',
    place: 'a delete',
    why: 'neither it nor its answer has a body',
    holds: ({ action, status, bytes_in, bytes_out }) =>
      action !== 'DeleteObject' || status !== 204 || bytes_in + bytes_out === 0,
  },
]

interface Cell {
  fault: FaultName
  place: PlaceName
  kind: RunKindName
}

interface Outcome {
  finished: Finished
  differences: FolderDifference[]
  events: ExportedEvent[]
}

const kinds: RunKindName[] = ['hourly', 'daily', 'late']
const cells: Cell[] = Object.keys(faults).flatMap((fault) =>
  Object.keys(places).flatMap((place) =>
    kinds.map((kind) => ({ fault: fault as FaultName, place: place as PlaceName, kind })),
  ),
)
const isImpossible = (cell: Cell) =>
  impossible.some(({ fault, place }) => fault === cell.fault && place === cell.place)
const possible = cells.filter((cell) => !isImpossible(cell))
const nameOf = ({ fault, place, kind }: Cell) => `${fault} at ${place}, ${kind}`
const cellsAtOnce = 6

/** Nobody works a verification again, so its requests must get over it; and each delay costs the time-out. */
function timesOf({ fault, place }: Cell): number {
  if (fault === 'a delay past the time-out') return 1
  return place === theRead ? 2 : 6
}

let storePlace: StorePlace
let world: ExportWorld
beforeAll(async () => {
  storePlace = await openStorePlace('fault-grid')
  world = await createExportWorld({ ...storePlace, startMs: (day + 48) * 3_600_000 })
})
afterAll(async () => {
  await storePlace?.close()
})

function inBucket(fault: object) {
  return ({ customer: { bucket } }: GridTenant) => ({ ...fault, bucket })
}

async function workCell(place: GridPlace, cell: Cell, tenant: GridTenant): Promise<Outcome> {
  const isRead = cell.place === theRead
  const fault = { times: timesOf(cell), ...faults[cell.fault] }
  const conditions = cell.fault === 'a delay past the time-out' ? { idleTimeoutMs } : {}
  await prepare(place, tenant)
  const set = () => place.control.fault({ ...places[cell.place](tenant), ...fault })
  if (!isRead) await set()
  const finished = await finish(place, tenant, undefined, conditions)
  if (isRead) await set()
  const differences = await verify(place, tenant, conditions)
  return { finished, differences, events: await tenant.bucket.events(tenant.folder) }
}

const inOrder = (events: unknown[]) => events.map((event) => JSON.stringify(event)).sort()

describe('each fault at each request of each kind of run', () => {
  let place: GridPlace
  const outcomes = new Map<Cell, Outcome | { failed: unknown }>()
  let records: RequestRecord[]
  beforeAll(async () => {
    place = await openGridPlace(
      storePlace.database,
      world,
      possible.map(({ kind }) => kind),
    )
    const work = async ([index, cell]: [number, Cell]): Promise<void> => {
      const tenant = place.tenants[index]
      if (tenant === undefined) throw new Error('a cell without a tenant')
      const outcome = await workCell(place, cell, tenant).catch((failed: unknown) => ({ failed }))
      outcomes.set(cell, outcome)
    }
    const { signal } = new AbortController()
    await workThrough({ items: each(possible), atOnceMax: cellsAtOnce, signal, work })
    records = await place.control.requests()
  }, 600_000)
  afterAll(() => place.close())

  test.each(possible.map((cell, index) => [nameOf(cell), index, cell] as const))('%s', (_, index, cell) => {
    const outcome = outcomes.get(cell)
    if (outcome === undefined || 'failed' in outcome) throw outcome?.failed ?? new Error('never worked')
    expect(outcome.finished.state).toBe('succeeded')
    expect(outcome.differences).toEqual([])
    const tenant = place.tenants[index] as GridTenant
    expect(inOrder(outcome.events)).toEqual(inOrder(tenant.sent))
    const requests = requestsFor(tenant, records)
    const isLost = cell.fault === 'an answer that is lost'
    expect(earlyCompletes(tenant, requests, isLost)).toEqual([])
    expect(requests.filter((request) => request.fault)).toHaveLength(timesOf(cell))
  })

  test.each(impossible)('$fault at $place can not be: $why', ({ holds }) => {
    expect(records.filter((record) => !holds(record))).toEqual([])
  })

  test('no run asks for a head', () => {
    const ours = place.tenants.flatMap((tenant) => requestsFor(tenant, records))
    expect(new Set(ours.map(({ action }) => action))).toEqual(
      new Set(['AssumeRole', 'ListObjectsV2', 'PutObject', 'DeleteObject', 'GetObject']),
    )
  })
})

describe('a fifth of all requests failing at random', () => {
  const withNone = { seed: undefined }
  const runs = [withNone, { seed: 1 }, { seed: 2 }, { seed: 3 }]
  /** Sequential, so that a seed means the same requests each time. */
  async function requestsOf({ seed }: { seed: number | undefined }): Promise<number> {
    const place = await openGridPlace(storePlace.database, world, [...kinds, ...kinds, ...kinds])
    try {
      let requests = 0
      for (const [index, tenant] of place.tenants.entries()) {
        await prepare(place, tenant)
        const before = (await place.control.requests()).length
        if (seed !== undefined)
          await place.control.fault({ probability: 0.2, seed: seed * 100 + index, status: 500 })
        const { state } = await finish(place, tenant, undefined, { uploadsMax: 1 })
        requests += (await place.control.requests()).length - before
        await place.control.clearFaults()
        expect(state).toBe('succeeded')
        expect(await verify(place, tenant)).toEqual([])
        expect(inOrder(await tenant.bucket.events(tenant.folder))).toEqual(inOrder(tenant.sent))
      }
      return requests
    } finally {
      await place.close()
    }
  }

  test('everything is finished, with no more than twice the requests', async () => {
    const counts: number[] = []
    for (const run of runs) counts.push(await requestsOf(run))
    const [undisturbed = 0, ...disturbed] = counts
    for (const [index, count] of disturbed.entries()) {
      expect(count, `seed ${runs[index + 1]?.seed}`).toBeGreaterThan(undisturbed)
      expect(count, `seed ${runs[index + 1]?.seed}`).toBeLessThanOrEqual(2 * undisturbed)
    }
  })
})

async function* each(all: readonly Cell[]): AsyncGenerator<[number, Cell]> {
  yield* all.entries()
}
