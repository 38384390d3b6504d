import type { Clock } from '../clock.ts'
import { settledWithin } from '../settled-within.ts'

export interface LastAnswerOptions<Answer> {
  read(): Promise<Answer>
  clock: Clock
  /** An answer younger than this is given without asking. */
  freshMs: number
  /** How long whoever asks waits for an answer that is under way. */
  waitMsMax: number
  /** An answer older than this is not given any more. */
  shownMsMax: number
}

/**
 * One question at a time for any number of askers, none of whom waits long.
 * @returns the newest answer; undefined where there is none, or only one that is too old
 */
export function createLastAnswer<Answer>(
  options: LastAnswerOptions<Answer>,
): () => Promise<Answer | undefined> {
  let known: { answer: Answer; atMs: number } | undefined
  let asking: Promise<void> | undefined

  const ask = async (): Promise<void> => {
    try {
      const answer = await options.read()
      known = { answer, atMs: options.clock.nowMs() }
    } catch {
      // Whoever shows the answer says that there is none; the log says elsewhere that the database is away.
    } finally {
      asking = undefined
    }
  }
  const isYoungerThan = (ms: number): boolean => {
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : options.clock.nowMs() - known.atMs
    return ageMs >= 0 && ageMs < ms
  }

  return async () => {
    if (!isYoungerThan(options.freshMs)) {
      asking ??= ask()
      await settledWithin(asking, options.waitMsMax)
    }
    return isYoungerThan(options.shownMsMax) ? known?.answer : undefined
  }
}
