/** Tries one request several times, where what failed may pass by itself. */
import { backoffMs } from '../../backoff.ts'
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
const backoff = { firstMaxMs: 200, maxMs: 10_000 }

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
      const waitMs = backoffMs(attempt, backoff, Math.random())
      options.onRetry(explained, waitMs)
      await options.wait(waitMs, signal)
    }
  }
}
