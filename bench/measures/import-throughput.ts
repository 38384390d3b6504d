/**
 * Bodies through /import, each answered when it is durable, against one bare pass over the same bodies in memory, and
 * against COPY into a `jsonb` column: with a commit a body, which promises the same, and all at once.
 *
 * Ours: from the first request to the last answer, with the client on the same machine. What was acknowledged is exported
 * and read back afterwards, outside that time.
 */
import { join } from 'node:path'
import { openJsonbTable } from '../baselines/copy-jsonb.ts'
import { startPassThreads } from '../baselines/pass-threads.ts'
import type { Body, GeneratedDay } from '../generator/generated-day.ts'
import { type Aim, atLeast } from '../harness/aim.ts'
import { alternate, share } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { cpuSecondsOf, forgetPeakRss, peakRssOf } from '../harness/process-usage.ts'
import { checkedImport } from '../product/checked-import.ts'
import type { Exporter } from '../product/exporter.ts'
import { requestsAtOnce } from '../product/filled-day.ts'
import { sendBodies } from '../product/send-bodies.ts'
import type { Missing } from '../tools/missing.ts'
import { importDay } from './days.ts'

export const importThroughput: Measure[] = [
  { name: 'import-pass', run: (bench) => measureAgainstPass(bench) },
  { name: 'import-copy', run: (bench) => measureAgainstCopy(bench, 'import-copy', 'copyBodies') },
  {
    name: 'import-copy-at-once',
    run: (bench) => measureAgainstCopy(bench, 'import-copy-at-once', 'copyAtOnce'),
  },
]

const copyAim = atLeast(10)

async function measureAgainstPass(bench: Bench): Promise<Result[]> {
  const threads = startPassThreads()
  try {
    return [await measure(bench, 'import-pass', atLeast(0.7), threads.pass)]
  } finally {
    await threads.close()
  }
}

async function measureAgainstCopy(
  bench: Bench,
  name: 'import-copy' | 'import-copy-at-once',
  form: 'copyBodies' | 'copyAtOnce',
): Promise<Result[]> {
  const missing = await bench.packagesMissing()
  if (missing !== undefined) return [await measure(bench, name, copyAim, { missing })]
  const table = await openJsonbTable(join(bench.folder, 'jsonb'))
  try {
    return [await measure(bench, name, copyAim, table[form])]
  } finally {
    await table.close()
  }
}

async function measure(
  bench: Bench,
  name: string,
  aim: Aim,
  baseline: ((bodies: readonly Body[]) => Promise<Sample>) | Missing,
): Promise<Result> {
  const day = await bench.day(importDay(bench.sizes))
  const bodies = await Array.fromAsync(day.bodies())
  const exporter = await (await bench.house()).startExporter()
  try {
    // Once each before it counts: a server has long warmed up when it matters.
    await importBodies(bench, exporter, day, bodies)
    if (!('missing' in baseline)) await baseline(bodies)
    return await alternate({
      ...{ name, aim, unit: 'events/s', pairs: bench.sizes.pairs, ratio: share },
      ours: () => importBodies(bench, exporter, day, bodies),
      baseline: 'missing' in baseline ? baseline : () => baseline(bodies),
      notes: [
        `${day.sent.toLocaleString('en')} events in ${bodies.length} bodies, ${Math.round(day.bodyBytes / 1e6)} MB, inflated ${Math.round(day.rawBytes / 1e6)} MB; ${requestsAtOnce} requests at once`,
      ],
    })
  } finally {
    await exporter.stop()
  }
}

async function importBodies(
  bench: Bench,
  exporter: Exporter,
  day: GeneratedDay,
  bodies: readonly Body[],
): Promise<Sample> {
  const { pid } = await (await bench.house()).api()
  return await checkedImport(bench, exporter, day, async (target) => {
    forgetPeakRss(pid)
    const cpuBefore = cpuSecondsOf(pid)
    const seconds = await sendBodies(target, bodies, requestsAtOnce)
    const usage = { cpuSeconds: cpuSecondsOf(pid) - cpuBefore, peakRssBytes: peakRssOf(pid) }
    return { ...usage, value: day.sent / seconds }
  })
}
