/** How much of everything a form of the bench works on. */
export interface Sizes {
  /** Events of the large day. */
  dayEvents: number
  /** Pairs against rclone; everything else runs `pairs`. */
  uploadPairs: number
  pairs: number
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
}

export const fullSizes: Sizes = {
  ...{ dayEvents: 5_000_000, uploadPairs: 7, pairs: 3, importEvents: 500_000 },
  ...{ growingDays: [50_000, 500_000, 5_000_000], memoryDays: [500_000, 5_000_000] },
  scattered: { requests: 30_000, days: 180 },
  keyLines: 100_000_000,
}

/** With days of 1 GB and of 10 GB of lines. */
export const longSizes: Sizes = { ...fullSizes, memoryDays: [1_560_000, 15_600_000] }

/** Enough to see that every result is right. */
export const quickSizes: Sizes = {
  ...{ dayEvents: 20_000, uploadPairs: 1, pairs: 1, importEvents: 20_000 },
  ...{ growingDays: [200, 2000, 20_000], memoryDays: [2000, 20_000] },
  scattered: { requests: 200, days: 5 },
  keyLines: 400_000,
}
