const firstDelayMaxMs = 500
const delayMaxMs = 10_000

/**
 * How long to wait before a request is sent again: exponential backoff with full jitter, after what the server asked
 * for, so that requests that were turned away together do not come back together.
 * @param attempt the one that failed, from 1
 * @param random from 0 up to 1
 */
export function retryDelayMs(attempt: number, random: number, retryAfterMs = 0): number {
  const jitterMaxMs = Math.min(delayMaxMs, firstDelayMaxMs * 2 ** (attempt - 1))
  return Math.round(retryAfterMs + random * jitterMaxMs)
}

/** Reads a Retry-After header: seconds, or a date. Undefined where it is neither. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const dateMs = Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
