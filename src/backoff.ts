export interface Backoff {
  /** Longest wait after the first failure; it doubles with each. */
  firstMaxMs: number
  /** No wait is longer. */
  maxMs: number
}

/**
 * Exponential backoff with full jitter: anything from nothing up to the bound, so that many who failed together do not
 * come back together.
 * @param attempt the one that failed, from 1
 * @param random from 0 up to 1
 */
export function backoffMs(attempt: number, { firstMaxMs, maxMs }: Backoff, random: number): number {
  return Math.round(random * Math.min(maxMs, firstMaxMs * 2 ** Math.min(attempt - 1, 50)))
}
