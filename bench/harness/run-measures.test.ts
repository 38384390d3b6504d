/**
 * The bench finds wrong results.
 *
 * 1. A small day is imported and exported, as every measure does it.
 * 2. Before the measure reads the folder back, one thing in it is spoilt.
 * 3. The measure gives no result, and the run is not all right.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Account } from '../../test/support/export-place.ts'
import { largeDay } from '../measures/days.ts'
import { exportDay } from '../product/export-day.ts'
import { beside } from './aim.ts'
import { type Bench, openBench } from './bench.ts'
import type { Measure } from './measure.ts'
import { runMeasures } from './run-measures.ts'
import { quickSizes } from './sizes.ts'

let bench: Bench
beforeAll(async () => {
  const sizes = { ...quickSizes, dayEvents: 3000 }
  bench = await openBench({ isQuick: true, sizes, say: () => undefined })
})
afterAll(() => bench?.close())

type Spoil = (s3: S3Client, account: Account, file: string, marker: string) => Promise<unknown>

/** An export whose folder is spoilt before it is looked at. */
function spoiltExport(spoil: Spoil): Measure {
  return {
    name: 'spoilt',
    run: async () => {
      const filled = await bench.filledDay(largeDay(bench.sizes))
      const { account } = filled.project
      const exporter = await (await bench.house()).startExporter()
      const spoiling: typeof exporter = {
        ...exporter,
        export: async (projectId, pipeline) => {
          const exported = await exporter.export(projectId, pipeline)
          await spoilFolder(account, spoil)
          return exported
        },
      }
      try {
        const { value } = await exportDay(bench, spoiling, filled)
        const result = { name: 'spoilt', ratio: 1, spread: null, unit: 's', ours: value, baseline: value }
        return [{ ...result, peakRssBytes: null, runs: 1, aim: beside('nothing'), notes: [] }]
      } finally {
        await account.bucket.removeAll(account.prefix)
        await exporter.stop()
      }
    },
  }
}

async function spoilFolder(account: Account, spoil: Spoil): Promise<void> {
  const keys = (await account.bucket.list(account.prefix)).map(({ key }) => key)
  const { url: endpoint, region, owner: credentials } = account.access
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const [file = ''] = keys.filter((key) => key.endsWith('.json.gz'))
  const [marker = ''] = keys.filter((key) => key.endsWith('/complete'))
  await spoil(s3, account, file, marker)
  s3.destroy()
}

/** Replaces a file by one of other lines. */
function changeLines(change: (lines: string[]) => string[]): Spoil {
  return async (s3, { bucket, bucketName }, file) => {
    const lines = gunzipSync((await bucket.read(file)).bytes)
      .toString()
      .trimEnd()
      .split('\n')
    const Body = gzipSync(`${change(lines).join('\n')}\n`)
    await s3.send(new PutObjectCommand({ Bucket: bucketName, Key: file, Body }))
  }
}

test.each<[string, Spoil, RegExp]>([
  ['nothing', async () => undefined, /^$/],
  ['an event is lost', changeLines((lines) => lines.slice(1)), /2999 lines/],
  [
    'an event is doubled',
    changeLines((lines) => [...lines, lines[0] ?? '']),
    /3001 lines, 3000 of them distinct/,
  ],
  [
    'an event is changed',
    changeLines(([first = '', ...rest]) => [first.replace('"', '" '), ...rest]),
    /not the same/,
  ],
  [
    '`complete` is missing',
    (s3, { bucketName }, _file, Key) => s3.send(new DeleteObjectCommand({ Bucket: bucketName, Key })),
    /complete/,
  ],
])('spoilt: %s', { timeout: 240_000 }, async (_what, spoil, message) => {
  const wrong: string[] = []
  const { results, allRight } = await runMeasures(bench, [spoiltExport(spoil)], {
    result: () => undefined,
    wrong: (_measure, error) => wrong.push(error.message),
    failed: (_measure, cause) => {
      throw cause
    },
    left: () => undefined,
  })
  expect(wrong.join()).toMatch(message)
  expect(results).toHaveLength(wrong.length === 0 ? 1 : 0)
  expect(allRight).toBe(wrong.length === 0)
})

test('no measure begins when the time is up, and each that was left is named', async () => {
  const left: string[] = []
  const named = (name: string): Measure => ({ name, run: async () => [] })
  const { allRight } = await runMeasures(
    bench,
    [named('first'), named('second'), named('third')],
    {
      ...{ result: () => undefined, wrong: () => undefined, failed: () => undefined },
      left: (measure) => left.push(measure),
    },
    // Up after the first has begun.
    (() => {
      let asked = 0
      return () => asked++ > 0
    })(),
  )
  expect(left).toEqual(['second', 'third'])
  expect(allRight).toBe(true)
})
