/** Tries one request several times, where what failed may pass by itself. */
import { backoffMs } from '../backoff.ts'
import { PenstockError } from '../errors/penstock-error.ts'
import type { Wait } from './wait.ts'

export interface TryOptions<Answer> {
  /** Before each try, outside it: what this raises surfaces at once. */
  before(): Promise<void>
  send(): Promise<Answer>
  /** What the failure of a try means; undefined where it is no failure of the other side: then it surfaces as it is. */
  explain(error: unknown): PenstockError | undefined
  signal: AbortSignal
  wait: Wait
  /** Whether it is tried again after such a wait, once so many tries have failed; five in all where it is not given. */
  goesOn?(tries: number, waitMs: number): boolean
  onRetry(error: PenstockError, waitMs: number): void
}

const triesMax = 5
const backoff = { firstMaxMs: 200, maxMs: 10_000 }

/** Refusals surface at once; what may pass surfaces after the last try, and is then for the caller to try again. */
export async function tryUntilItPasses<Answer>(options: TryOptions<Answer>): Promise<Answer> {
  const { signal, goesOn = (tries) => tries < triesMax } = options
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
      const waitMs = backoffMs(attempt, backoff, Math.random())
      if (!explained.retryable || !goesOn(attempt, waitMs)) throw explained
      options.onRetry(explained, waitMs)
      await options.wait(waitMs, signal)
    }
  }
}
