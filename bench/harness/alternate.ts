/** Ours and a baseline in turn, so that whatever the machine does meanwhile it does to both. */
import type { Missing } from '../tools/missing.ts'
import type { Aim } from './aim.ts'
import type { Result, Sample } from './measure.ts'
import { type Pairs, wantsAnother } from './pairs.ts'
import { median } from './statistics.ts'

export interface Comparison {
  name: string
  unit: string
  aim: Aim
  pairs: Pairs
  ours(): Promise<Sample>
  /** Where it can't be had, ours is run and checked all the same, and there is no ratio. */
  baseline: (() => Promise<Sample>) | Missing
  /** How one pair compares. */
  ratio(ours: number, baseline: number): number
  notes: string[]
}

/** A B A B …, and the medians of it. */
export async function alternate(comparison: Comparison): Promise<Result> {
  const { baseline } = comparison
  const ours: Sample[] = []
  const theirs: Sample[] = []
  const ratios: number[] = []
  const startedMs = performance.now()
  const seconds = (): number => (performance.now() - startedMs) / 1000
  while (wantsAnother(comparison.pairs, ours.length, seconds())) {
    const own = await comparison.ours()
    ours.push(own)
    if ('missing' in baseline) continue
    const other = await baseline()
    theirs.push(other)
    ratios.push(comparison.ratio(own.value, other.value))
  }
  const isCompared = ratios.length > 0
  const missing = 'missing' in baseline ? [`no baseline: ${baseline.missing}`] : []
  return {
    name: comparison.name,
    ratio: isCompared ? median(ratios) : null,
    spread: isCompared ? [Math.min(...ratios), Math.max(...ratios)] : null,
    unit: comparison.unit,
    ours: median(ours.map(({ value }) => value)),
    baseline: isCompared ? median(theirs.map(({ value }) => value)) : null,
    peakRssBytes: largestPeak(ours),
    runs: ours.length,
    aim: comparison.aim,
    notes: [...missing, ...comparison.notes, ...cpuNote(ours, theirs), ...rssNote(theirs)],
  }
}

/** Client and server share the cores of one machine, so the CPU that each side takes itself is worth a line. */
function cpuNote(ours: Sample[], theirs: Sample[]): string[] {
  const own = ours.flatMap(({ cpuSeconds }) => cpuSeconds ?? [])
  const other = theirs.flatMap(({ cpuSeconds }) => cpuSeconds ?? [])
  if (own.length === 0 || other.length === 0) return []
  return [`own CPU ${median(own).toFixed(2)} s, baseline's ${median(other).toFixed(2)} s`]
}

function rssNote(theirs: Sample[]): string[] {
  const bytes = largestPeak(theirs)
  return bytes === null ? [] : [`baseline's peak memory ${Math.round(bytes / 1e6)} MB`]
}

function largestPeak(samples: Sample[]): number | null {
  const peaks = samples.flatMap(({ peakRssBytes }) => peakRssBytes ?? [])
  return peaks.length === 0 ? null : Math.max(...peaks)
}

/** Of throughputs. */
export const share = (ours: number, baseline: number): number => ours / baseline

/** The same of times. */
export const timesFaster = (oursSeconds: number, baselineSeconds: number): number =>
  baselineSeconds / oursSeconds
