/**
 * What happens to an export as the day grows: its time against that of a smaller day, as many times as the day is larger,
 * and its peak memory against the smaller day's.
 *
 * Both sides are ours, in one worker that has exported the larger day before: its heaps have grown as they will.
 */
import { type Aim, atMost } from '../harness/aim.ts'
import { alternate } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { exportDay } from '../product/export-day.ts'
import type { Exported } from '../product/export-orders.ts'
import { dayNote, dayOf } from './days.ts'

export const exportGrowth: Measure[] = [
  {
    name: 'export-linear',
    run: async (bench) => {
      const [one, ten, hundred] = bench.sizes.growingDays
      return [
        await linear(bench, 'export-linear-10', one, ten),
        await linear(bench, 'export-linear-100', one, hundred),
      ]
    },
  },
  {
    name: 'export-memory',
    run: async (bench) => {
      const [small, large] = bench.sizes.memoryDays
      const aim = atMost(1.1)
      return [await compareDays(bench, { name: 'export-memory', aim, unit: 'MB', small, large }, ofMemory)]
    },
  },
]

const linear = (bench: Bench, name: string, small: number, large: number): Promise<Result> =>
  compareDays(
    bench,
    { name, aim: atMost(1.1), unit: 's', small, large },
    {
      value: ({ seconds }) => seconds,
      ratio: (ours, baseline) => ours / baseline / (large / small),
    },
  )

const ofMemory: Counted = {
  value: ({ peakRssBytes }) => peakRssBytes / 1e6,
  ratio: (ours, baseline) => ours / baseline,
}

/** What of an export counts, and how the large day compares with the small one. */
interface Counted {
  value(exported: Exported): number
  ratio(large: number, small: number): number
}

interface DayComparison {
  name: string
  aim: Aim
  unit: string
  /** Events. */
  small: number
  large: number
}

async function compareDays(bench: Bench, comparison: DayComparison, counted: Counted): Promise<Result> {
  const { small, large, ...labels } = comparison
  const [smallDay, largeDay] = [await bench.filledDay(dayOf(small)), await bench.filledDay(dayOf(large))]
  const exporter = await (await bench.house()).startExporter()
  const run = async (day: typeof smallDay): Promise<Sample & Exported> => {
    const exported = await exportDay(bench, exporter, day)
    return { ...exported, value: counted.value(exported) }
  }
  try {
    const { bytes } = await run(largeDay)
    const times = Math.round(large / small)
    const raw = `${(largeDay.day.rawBytes / 1e9).toPrecision(2)} GB of lines`
    return await alternate({
      ...{ ...labels, pairs: bench.sizes.pairs, ratio: counted.ratio },
      ours: () => run(largeDay),
      baseline: () => run(smallDay),
      notes: [`${await dayNote(bench, large, bytes)}, ${raw}, against one of a ${times}th`],
    })
  } finally {
    await exporter.stop()
  }
}
