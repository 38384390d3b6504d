import { backoffMs } from '../../backoff.ts'

const backoff = { firstMaxMs: 500, maxMs: 10_000 }

/**
 * How long to wait before a request is sent again: what the server asked for, and then some.
 * @param attempt the one that failed, from 1
 * @param random from 0 up to 1
 */
export function retryDelayMs(attempt: number, random: number, retryAfterMs = 0): number {
  return retryAfterMs + backoffMs(attempt, backoff, random)
}

/** Reads a Retry-After header: seconds, or a date. Undefined where it is neither. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const dateMs = Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
