/** Tries one request several times, where what failed may pass by itself. */
import { PenstockError } from '../../errors/penstock-error.ts'
import type { Wait } from './wait.ts'

export interface TryOptions<Answer> {
  /** Before each try, outside it: what this raises surfaces at once. */
  before(): Promise<void>
  send(): Promise<Answer>
  /** What the failure of a try means; undefined where it is no failure of the other side: then it surfaces as it is. */
  explain(error: unknown): PenstockError | undefined
  signal: AbortSignal
  wait: Wait
  onRetry(error: PenstockError, waitMs: number): void
}

const triesMax = 5
const firstWaitMaxMs = 200
const waitMaxMs = 10_000

/** Refusals surface at once; what may pass surfaces after five tries, and is then for the run to try again. */
export async function tryUntilItPasses<Answer>(options: TryOptions<Answer>): Promise<Answer> {
  const { signal } = options
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    await options.before()
    try {
      return await options.send()
    } catch (error) {
      // What an abort breaks is no failure of the other side.
      signal.throwIfAborted()
      const explained = error instanceof PenstockError ? error : options.explain(error)
      if (explained === undefined) throw error
      if (!explained.retryable || attempt === triesMax) throw explained
      const waitMs = backoffMs(attempt, Math.random())
      options.onRetry(explained, waitMs)
      await options.wait(waitMs, signal)
    }
  }
}

/**
 * Waits grow and are drawn from nothing up to their bound (full jitter), so that uploads that were throttled together
 * do not come back together.
 * @param attempt the one that failed, from 1
 * @param random from 0 up to 1
 */
export function backoffMs(attempt: number, random: number): number {
  return Math.round(random * Math.min(waitMaxMs, firstWaitMaxMs * 2 ** (attempt - 1)))
}
