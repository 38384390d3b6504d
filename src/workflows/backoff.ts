/** No run waits longer than this for its next attempt. */
const waitMaxMs = 15 * 60_000

/**
 * Exponential backoff with full jitter: anything from nothing to the bound, so that many runs that failed together do
 * not come back together.
 * @param attempt the attempt that failed, from 1
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, baseMs: number, random: number): number {
  return Math.round(random * Math.min(waitMaxMs, baseMs * 2 ** Math.min(attempt - 1, 30)))
}
