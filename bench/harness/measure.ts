/** What a line of the table is, and what it comes to. */
import type { Aim } from './aim.ts'
import type { Bench } from './bench.ts'

export interface Measure {
  /** As `--only` takes it. */
  name: string
  /** Runs ours and the baseline, checks what both made, and gives one result a baseline. */
  run(bench: Bench): Promise<Result[]>
}

/** One run of ours or of a baseline. */
export interface Sample {
  /** In the result's unit. */
  value: number
  /** User and system time, and the most memory, of the processes that did it; undefined where it was not taken. */
  cpuSeconds?: number
  peakRssBytes?: number
}

export interface Result {
  name: string
  /** How ours compares, as `aim` counts it; null where the baseline can't be had. */
  ratio: number | null
  /** Least and most of the runs' ratios. */
  spread: [number, number] | null
  /** Of `ours` and `baseline`. */
  unit: string
  /** Medians; `baseline` is null where it can't be had. */
  ours: number | null
  baseline: number | null
  peakRssBytes: number | null
  /** Pairs that were run. */
  runs: number
  /** What is wanted of `ratio`. */
  aim: Aim
  /** Bytes, counts, and whatever else a reader must know, a sentence each. */
  notes: string[]
}
