/** How much of everything a form of the bench works on. */
export interface Sizes {
  /** Events of the large day. */
  dayEvents: number
  /** Pairs against rclone; everything else runs `pairs`. */
  uploadPairs: number
  pairs: number
  /** Events of a timed import. */
  importEvents: number
}

export const fullSizes: Sizes = { dayEvents: 5_000_000, uploadPairs: 7, pairs: 3, importEvents: 500_000 }
/** Enough to see that every result is right. */
export const quickSizes: Sizes = { dayEvents: 20_000, uploadPairs: 1, pairs: 1, importEvents: 20_000 }
