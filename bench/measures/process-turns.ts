/** Measures by how many processes do it: what each number of them comes to against as many times what one does. */
import { noAim } from '../harness/aim.ts'
import { share } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import { coresThere, type Usage } from '../harness/cores-used.ts'
import type { Result } from '../harness/measure.ts'
import { median } from '../harness/statistics.ts'

/** What so many processes did, once. */
export interface Turn extends Usage {
  eventsPerSecond: number
}

interface Labels {
  name: string
  notes: string[]
}

/** Above this part of the cores' time in use it is they who are bound: the rest is the scheduler's. */
const boundAt = 0.9

/** One result for each number above one. */
export async function inTurns(
  { sizes }: Bench,
  labels: Labels,
  run: (count: number) => Promise<Turn>,
): Promise<Result[]> {
  const turns = new Map<number, Turn[]>(sizes.processCounts.map((count) => [count, []]))
  for (let round = 0; round < sizes.pairs.least; round++) {
    for (const [count, ofCount] of turns) ofCount.push(await run(count))
  }
  const alone = turns.get(1) ?? []
  return [...turns].filter(([count]) => count > 1).map(([count, ours]) => compare(labels, count, ours, alone))
}

function compare({ name, notes }: Labels, count: number, ours: Turn[], alone: Turn[]): Result {
  const sums = alone.map(({ eventsPerSecond }) => count * eventsPerSecond)
  const values = ours.map(({ eventsPerSecond }) => eventsPerSecond)
  const ratios = values.map((value, round) => share(value, sums[round] ?? Number.NaN))
  const ratio = median(ratios)
  return {
    name: `${name}-${count}`,
    ratio,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    ...{ unit: 'events/s', aim: noAim, runs: ours.length },
    ...{ ours: median(values), baseline: median(sums) },
    peakRssBytes: Math.max(...ours.map(({ peakRssBytes }) => peakRssBytes)),
    notes: [
      ...notes,
      `${count} processes do ${(ratio * count).toFixed(2)} times what one does`,
      `one: ${inUse(alone)}; ${count}: ${inUse(ours)}`,
      `bound: ${boundBy(ours)}`,
    ],
  }
}

function inUse(turns: readonly Turn[]): string {
  const of = (who: keyof Usage['cores']): string => median(turns.map(({ cores }) => cores[who])).toFixed(2)
  return `${of('all')} of ${coresThere} cores in use, ${of('ours')} by the processes, ${of('database')} by PostgreSQL, ${of('client')} by the client, the rest by the S3 server, the system, and what else ran`
}

function boundBy(turns: readonly Turn[]): string {
  const part = median(turns.map(({ cores }) => cores.all / coresThere))
  const percent = `${Math.round(part * 100)}%`
  return part >= boundAt
    ? `the ${coresThere} cores, ${percent} of whose time was in use`
    : `not the cores, ${percent} of whose time was in use: what is waited for`
}
