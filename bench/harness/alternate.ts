/** Ours and a baseline in turn, so that whatever the machine does meanwhile it does to both. */
import type { Result, Sample } from './measure.ts'
import { median } from './statistics.ts'

export interface Comparison {
  name: string
  unit: string
  aim: string
  pairs: number
  ours(): Promise<Sample>
  baseline(): Promise<Sample>
  /** How one pair compares. */
  ratio(ours: number, baseline: number): number
  notes: string[]
}

/** A B A B …, and the medians of it. */
export async function alternate(comparison: Comparison): Promise<Result> {
  const pairs: { ours: Sample; baseline: Sample }[] = []
  for (let pair = 0; pair < comparison.pairs; pair++) {
    pairs.push({ ours: await comparison.ours(), baseline: await comparison.baseline() })
  }
  const ratios = pairs.map(({ ours, baseline }) => comparison.ratio(ours.value, baseline.value))
  return {
    name: comparison.name,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    unit: comparison.unit,
    ours: median(pairs.map(({ ours }) => ours.value)),
    baseline: median(pairs.map(({ baseline }) => baseline.value)),
    peakRssBytes: largestPeak(pairs.map(({ ours }) => ours)),
    runs: pairs.length,
    aim: comparison.aim,
    notes: [...comparison.notes, ...cpuNote(pairs), ...rssNote(pairs)],
  }
}

/** Client and server share the cores of one machine, so the CPU that each side takes itself is worth a line. */
function cpuNote(pairs: { ours: Sample; baseline: Sample }[]): string[] {
  const ours = pairs.flatMap(({ ours: { cpuSeconds } }) => cpuSeconds ?? [])
  const baseline = pairs.flatMap(({ baseline: { cpuSeconds } }) => cpuSeconds ?? [])
  if (ours.length === 0 || baseline.length === 0) return []
  return [`own CPU ${median(ours).toFixed(2)} s, baseline's ${median(baseline).toFixed(2)} s`]
}

function rssNote(pairs: { baseline: Sample }[]): string[] {
  const bytes = largestPeak(pairs.map(({ baseline }) => baseline))
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

/** What a measure says whose baseline can't be had here. */
export function withoutBaseline(name: string, aim: string, reason: string): Result {
  return {
    ...{ name, aim, ratio: null, spread: null, unit: '', ours: null, baseline: null, peakRssBytes: null },
    ...{ runs: 0, notes: [`not measured: ${reason}`] },
  }
}
