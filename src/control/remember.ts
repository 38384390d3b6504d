import type { Clock } from '../clock.ts'

/** What was changed meanwhile counts after this time at the latest, in every process. */
const memoryMs = 2000
/** Answers in memory; of unknown keys too, so a flood of guesses neither fills it nor reaches the database twice. */
const entriesMax = 10_000

/** A look-up with a short memory: one at a time a key, and its answer, a failure excepted, is good for two seconds. */
export function remember<Answer>(
  clock: Clock,
  lookUp: (key: string) => Promise<Answer>,
): (key: string) => Promise<Answer> {
  const entries = new Map<string, { answer: Promise<Answer>; askedMs: number }>()
  return async (key) => {
    const known = entries.get(key)
    if (known !== undefined && isFresh(clock.nowMs() - known.askedMs)) return await known.answer
    const answer = lookUp(key)
    entries.delete(key)
    entries.set(key, { answer, askedMs: clock.nowMs() })
    // A Map keeps its order of insertion: the first key is the one that was looked up longest ago.
    const [oldest] = entries.keys()
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest)
    try {
      return await answer
    } catch (cause) {
      entries.delete(key)
      throw cause
    }
  }
}

/** A clock that was set back must not make an answer last longer. */
function isFresh(ageMs: number): boolean {
  return ageMs >= 0 && ageMs < memoryMs
}
