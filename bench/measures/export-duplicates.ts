/**
 * The export of a day that holds duplicates against that of the same day without any. Both are ours, in one worker: a run from
 * its claim to its success. Throughput counts the events that leave, which are the same on both sides.
 */
import { type Aim, atLeast } from '../harness/aim.ts'
import { alternate, share } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { exportDay } from '../product/export-day.ts'
import type { FilledDay } from '../product/filled-day.ts'
import { dayNote, largeDay } from './days.ts'

export const exportDuplicates: Measure[] = [
  { name: 'duplicates-spread', run: (bench) => measure(bench, 'spread', atLeast(0.3)) },
  { name: 'duplicates-few', run: (bench) => measure(bench, 'few', atLeast(0.8)) },
]

async function measure(bench: Bench, repeats: 'spread' | 'few', aim: Aim): Promise<Result[]> {
  const spec = largeDay(bench.sizes)
  const once = await bench.filledDay(spec)
  const repeated = await bench.filledDay({ ...spec, repeats })
  const exporter = await (await bench.house()).startExporter()
  const run = async (day: FilledDay): Promise<Sample & { bytes: number }> => {
    const exported = await exportDay(bench, exporter, day)
    return { ...exported, value: exported.events / exported.seconds }
  }
  try {
    const { bytes } = await run(repeated)
    const doubled = (repeated.day.sent - once.day.sent).toLocaleString('en')
    const result = await alternate({
      ...{ name: `duplicates-${repeats}`, unit: 'events/s', aim, pairs: bench.sizes.pairs, ratio: share },
      ours: () => run(repeated),
      baseline: () => run(once),
      notes: [`${await dayNote(bench, once.day.sent, bytes)}; ${doubled} events had come twice`],
    })
    return [result]
  } finally {
    await exporter.stop()
  }
}
