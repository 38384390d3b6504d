/** How often one address may try to sign in, or to set up. Of one process; a secret of 128 bits is not guessed at any rate. */
import type { Clock } from '../../clock.ts'
import { RequestError } from '../pipelines/request-error.ts'

const minuteMs = 60_000
/** Addresses that are remembered; of more, those that came first are forgotten. */
const addressesMax = 10_000

/** @returns counts an attempt, or throws RequestError 429 */
export function createSignInLimit(clock: Clock, perMinuteMax: number): (address: string) => void {
  const attempts = new Map<string, { sinceMs: number; count: number }>()
  return (address) => {
    const nowMs = clock.nowMs()
    const known = attempts.get(address)
    const ageMs = known === undefined ? minuteMs : nowMs - known.sinceMs
    // A clock that was set back must not lock anybody out for longer.
    const current =
      known === undefined || ageMs < 0 || ageMs >= minuteMs ? { sinceMs: nowMs, count: 0 } : known
    if (current.count >= perMinuteMax) {
      const seconds = Math.ceil((current.sinceMs + minuteMs - nowMs) / 1000)
      const message = `there were ${current.count} attempts to sign in or to set up from here within a minute; try again in ${seconds} s`
      throw new RequestError(429, 'CONSOLE_SIGN_INS_EXCEEDED', message, seconds)
    }
    current.count += 1
    attempts.delete(address)
    attempts.set(address, current)
    const [oldest] = attempts.keys()
    if (attempts.size > addressesMax && oldest !== undefined) attempts.delete(oldest)
  }
}
