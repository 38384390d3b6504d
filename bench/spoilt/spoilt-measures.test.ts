/**
 * No measure gives a result that is wrong.
 *
 * 1. Each measure runs as it does in the bench, on little.
 * 2. Before what it has made is looked at, one thing is spoilt: in the store, or among the keys of a folder.
 * 3. The measure gives no result, and says by its name what is wrong.
 *
 * One measure of each kind. `BENCH_SPOIL_EVERY=1` does it with every measure, in some minutes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPassThreads } from '../baselines/pass-threads.ts'
import type { BenchEvent } from '../generator/event-set.ts'
import { openEventSet } from '../generator/event-sets.ts'
import { makeBody } from '../generator/make-body.ts'
import { type Bench, openBench } from '../harness/bench.ts'
import { runMeasures } from '../harness/run-measures.ts'
import { quickSizes, type Sizes } from '../harness/sizes.ts'
import { allMeasures } from '../measures/all-measures.ts'
import { sizeOf } from '../measures/codecs.ts'
import { date } from '../measures/days.ts'
import { from } from '../measures/scattered-import.ts'
import { type Spoiling, spoiltBench } from './spoilt-bench.ts'
import { benchOfSpoiltKeys } from './spoilt-keys.ts'
import { changeEvent, doubleEvent, loseEvents } from './spoilt-store.ts'

const sizes: Sizes = {
  ...quickSizes,
  ...{ dayEvents: 2500, importEvents: 2500 },
  ...{ growingDays: [25, 250, 2500], memoryDays: [250, 2500] },
  scattered: { requests: 20, days: 2 },
}

let bench: Bench
beforeAll(async () => {
  bench = await openBench({ isQuick: true, sizes, say: () => undefined })
})
afterAll(() => bench?.close())

/** The first one of a day, or of many days. */
function firstEvent(day: string): BenchEvent {
  return openEventSet('seeded').make(0, Date.parse(day) / 1000)
}

const lost: Spoiling = { spoil: loseEvents, before: 'export' }
const doubled = (day: string): Spoiling => ({ spoil: doubleEvent(firstEvent(day)), before: 'export' })
const changed = (day: string): Spoiling => ({ spoil: changeEvent(firstEvent(day)), before: 'export' })

type Case = [what: string, Spoiling | 'keys', message: RegExp]

/** What is spoilt for each kind of measure, and what it must say. */
const spoilings: Record<string, Case[]> = {
  'import-pass': [
    ['events are lost', lost, /^export: \d+ lines, .*expected 2500/],
    ['an event is doubled', doubled(date), /^export: 2501 lines, 2500 of them distinct/],
    ['an event is changed', changed(date), /^export: as many lines as expected, but not the same/],
  ],
  'import-latency': [['events are lost at half the load', { ...lost, spared: 1 }, /^export: \d+ lines/]],
  overload: [['events are lost under overload', { ...lost, spared: 4 }, /^export: \d+ lines/]],
  'export-rclone': [['events are lost', lost, /^export: \d+ lines/]],
  'export-store-s3': [['events in the bucket are lost', lost, /^export: \d+ lines/]],
  'export-where': [['events are lost', lost, /^export: \d+ lines/]],
  'export-memory': [['events of the larger day are lost', lost, /^export: \d+ lines/]],
  'duplicates-spread': [['an event stays double', doubled(date), /^export: 2501 lines, 2500 of them/]],
  'key-planning': [['a repeat is not found', 'keys', /^4 lines were found to lose, of 5 that do/]],
  'export-sync': [
    ['late events are lost', { ...lost, before: 'sync' }, /^sync: \d+ lines, .*expected 3500/],
    ['an event comes once more', { ...doubled(date), before: 'sync' }, /^sync: 3501 lines, 3500 of them/],
  ],
  scattered: [['events are lost', lost, /^export: \d+ lines, .*expected 1000/]],
  'processes-import': [
    [
      'events that two processes took are lost',
      { ...lost, spared: 1 },
      /^export: \d+ lines, .*expected 2500/,
    ],
  ],
  // Each time the workers warm up before.
  'processes-export': [
    ['two workers export an event twice', { ...doubled(date), spared: 3 }, /^export: 2501 lines, 2500 of/],
  ],
}

/** The same of every other measure, and other moments: what takes minutes. */
const otherSpoilings: Record<string, Case[]> = {
  'import-copy': [['events are lost', lost, /^export: \d+ lines/]],
  'import-copy-at-once': [['events are lost', lost, /^export: \d+ lines/]],
  'import-latency': [
    ['an event is doubled at half the load', { ...doubled(date), spared: 1 }, /^export: 2501 lines/],
  ],
  overload: [
    ['events are lost at the best rate', lost, /^export: \d+ lines/],
    ['events of the last project are lost', { ...lost, spared: 7 }, /^export: \d+ lines/],
    ['an event is doubled under overload', { ...doubled(date), spared: 4 }, /^export: 2501 lines/],
  ],
  'export-store-s3': [
    ['an event is changed in the files', { ...changed(date), spared: 1 }, /^export: as many lines/],
  ],
  'export-aws': [['an event is changed', changed(date), /^export: as many lines/]],
  'export-jq': [['an event is doubled', doubled(date), /^export: 2501 lines/]],
  'export-duckdb': [['events are lost', lost, /^export: \d+ lines/]],
  'export-names': [['events are lost', lost, /^export: \d+ lines/]],
  'export-names-merged': [['events are lost', lost, /^export: \d+ lines/]],
  'export-where-number': [['events are lost', lost, /^export: \d+ lines/]],
  'export-linear': [['events of the smaller day are lost', { ...lost, spared: 2 }, /^export: \d+ lines/]],
  'duplicates-few': [['an event stays double', doubled(date), /^export: 2501 lines, 2500 of them/]],
  'export-sync': [['an event is changed', { ...changed(date), before: 'sync' }, /^sync: as many lines/]],
  scattered: [['an event is doubled', { ...doubled(from), spared: 2 }, /^export: 1001 lines/]],
  'processes-import': [['an event of one process is doubled', doubled(date), /^export: 2501 lines/]],
  'processes-export': [['events are lost', { ...lost, spared: 1 }, /^export: \d+ lines/]],
}

const isLong = process.env.BENCH_SPOIL_EVERY === '1'
const cases = [...Object.entries(spoilings), ...(isLong ? Object.entries(otherSpoilings) : [])]

describe.each(cases)('%s', (name, spoiltIn) => {
  test.each(spoiltIn)('%s', { timeout: 240_000 }, async (_what, spoiling, message) => {
    const spoilt = spoiling === 'keys' ? benchOfSpoiltKeys(bench) : spoiltBench(bench, spoiling)
    const wrong: string[][] = []
    const { results, allRight } = await runMeasures(
      spoilt,
      allMeasures.filter((measure) => measure.name === name),
      {
        result: () => undefined,
        wrong: (measure, error) => wrong.push([measure, error.message]),
        failed: (_measure, cause) => {
          throw cause
        },
        left: () => undefined,
      },
    )
    expect(wrong).toEqual([[name, expect.stringMatching(message)]])
    expect(results).toEqual([])
    expect(allRight).toBe(false)
  })
})

test('every measure is there, but for codecs, which looks at bytes in memory', () => {
  const names = allMeasures.map(({ name }) => name)
  const spoilt = new Set([...Object.keys(spoilings), ...Object.keys(otherSpoilings), 'codecs'])
  expect([...spoilt].sort()).toEqual(names.sort())
})

test('codecs: what does not inflate to the same lines is told of', () => {
  const lossy = { compress: (bytes: Uint8Array) => bytes, inflate: (bytes: Uint8Array) => bytes.slice(1) }
  expect(() => sizeOf([Buffer.from('a line\n')], { ...lossy, inflatesItself: true })).toThrow(
    'does not inflate to the same lines',
  )
})

test('the bare pass: an event that it does not see is told of', async () => {
  const threads = startPassThreads()
  try {
    const body = makeBody(openEventSet('seeded'), 0, 10, (serial) => 1_700_000_000 + serial)
    await expect(threads.pass([{ ...body, events: 11 }])).rejects.toThrow('saw 10 events of 11')
  } finally {
    await threads.close()
  }
})
