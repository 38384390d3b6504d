/**
 * How long /import takes to answer at half of the load that it can take, against one `fsync` of as many bytes on the same
 * disk.
 *
 * Ours: bodies of 2,000 events sent at a steady rate, each timed from when its turn came. Theirs: as many bytes as the
 * store keeps of a body, written to a file and synced, at the same rate. Of both the p99.
 */
import { settings } from '../../src/config/settings.ts'
import { syncFiles } from '../baselines/sync-files.ts'
import type { Body, GeneratedDay } from '../generator/generated-day.ts'
import { atMost } from '../harness/aim.ts'
import { alternate } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result } from '../harness/measure.ts'
import { median, quantile } from '../harness/statistics.ts'
import { checkedImport } from '../product/checked-import.ts'
import type { Exporter } from '../product/exporter.ts'
import { requestsAtOnce } from '../product/filled-day.ts'
import { sendBodies } from '../product/send-bodies.ts'
import { sendPaced } from '../product/send-paced.ts'
import { bytesBelow } from '../product/stored-bytes.ts'
import { importDay } from './days.ts'

export const importLatency: Measure[] = [{ name: 'import-latency', run: measure }]

/** For which any request may have to wait. */
const commitWindowMs = settings.commitWindowMs.default

async function measure(bench: Bench): Promise<Result[]> {
  const day = await bench.day(importDay(bench.sizes))
  const bodies = await Array.fromAsync(day.bodies())
  const { dataDir } = await bench.house()
  const exporter = await (await bench.house()).startExporter()
  try {
    const full = await findFullLoad(bench, exporter, day, bodies)
    const perSecond = full.bodiesPerSecond / 2
    const medians: { ours: number[]; fsync: number[] } = { ours: [], fsync: [] }
    const result = await alternate({
      ...{ name: 'import-latency', aim: atMost(5), unit: 'ms', pairs: bench.sizes.pairs, notes: [] },
      ratio: (ours, fsync) => (ours - commitWindowMs) / fsync,
      ours: async () => {
        const send = (target: Parameters<typeof sendPaced>[0]) => sendPaced(target, bodies, perSecond)
        const taken = await checkedImport(bench, exporter, day, send)
        medians.ours.push(median(taken))
        return { value: quantile(taken, 0.99) * 1000 }
      },
      baseline: async () => {
        const files = { bytes: full.storedBytesPerBody, count: bodies.length, perSecond }
        const taken = await syncFiles({ folder: dataDir, ...files })
        medians.fsync.push(median(taken))
        return { value: quantile(taken, 0.99) * 1000 }
      },
    })
    const inMs = (values: number[]): string => `${(median(values) * 1000).toFixed(1)} ms`
    const notes = [
      `p99 of ${bodies.length} bodies of 2,000 events, ${perSecond.toFixed(1)} a second`,
      `the ratio leaves out the commit window, ${commitWindowMs} ms`,
      `medians: ours ${inMs(medians.ours)}, one fsync of ${Math.round(full.storedBytesPerBody / 1000)} kB ${inMs(medians.fsync)}`,
    ]
    return [{ ...result, notes }]
  } finally {
    await exporter.stop()
  }
}

/** What the server takes when nobody holds back, and how many bytes the store then keeps of a body. */
async function findFullLoad(
  bench: Bench,
  exporter: Exporter,
  day: GeneratedDay,
  bodies: readonly Body[],
): Promise<{ bodiesPerSecond: number; storedBytesPerBody: number }> {
  const { storeFolder } = await bench.house()
  const before = await bytesBelow(storeFolder)
  const seconds = await checkedImport(bench, exporter, day, (target) =>
    sendBodies(target, bodies, requestsAtOnce),
  )
  const stored = (await bytesBelow(storeFolder)) - before
  return {
    bodiesPerSecond: bodies.length / seconds,
    storedBytesPerBody: Math.ceil(stored / bodies.length),
  }
}
