import { exactly, type Pairs } from './pairs.ts'

/** How much of everything a form of the bench works on. */
export interface Sizes {
  /** Events of the large day. */
  dayEvents: number
  pairs: Pairs
  /** Against rclone. */
  uploadPairs: Pairs
  /** Against what takes a minute or more. */
  dearPairs: Pairs
  /** Events of a timed import. */
  importEvents: number
  /** Events of days that grow: 1, 10 and 100 times the first. */
  growingDays: readonly [number, number, number]
  /** Events of two days whose exports' memory is compared. */
  memoryDays: readonly [number, number]
  /** An import in random order. */
  scattered: { requests: number; days: number }
  /** Keys of the folder that is planned. */
  keyLines: number
  /** How many processes are compared; the first is one. */
  processCounts: readonly number[]
}

export const fullSizes: Sizes = {
  pairs: { least: 3, most: 7, secondsMax: 45 },
  uploadPairs: exactly(7),
  dearPairs: { least: 1, most: 3, secondsMax: 45 },
  ...{ dayEvents: 5_000_000, importEvents: 500_000 },
  growingDays: [50_000, 500_000, 5_000_000],
  // 1 GB and 10 GB of lines.
  memoryDays: [1_560_000, 15_600_000],
  scattered: { requests: 30_000, days: 180 },
  keyLines: 100_000_000,
  processCounts: [1, 2, 4],
}

/** Enough to see that every result is right. */
export const quickSizes: Sizes = {
  ...{ pairs: exactly(1), uploadPairs: exactly(1), dearPairs: exactly(1) },
  ...{ dayEvents: 20_000, importEvents: 20_000 },
  ...{ growingDays: [200, 2000, 20_000], memoryDays: [2000, 20_000] },
  scattered: { requests: 200, days: 5 },
  keyLines: 400_000,
  processCounts: [1, 2],
}
