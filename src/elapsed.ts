/**
 * How much time goes by, whatever is done to the wall clock. It goes on while a process is stopped, and counts the time
 * that the machine is suspended, which the kernel's monotonic clock leaves out: a lease ends in that time too.
 */
import { uptime } from 'node:os'

export interface ElapsedSources {
  /** The kernel's monotonic clock; stands still while the machine is suspended. */
  monotonicMs(): number
  /** May be set at any time; jumps ahead at the end of a suspension. */
  wallMs(): number
  /** Since the machine's start, suspensions included; undefined where the system does not tell. */
  upMs(): number | undefined
}

/** A wall clock that ran so much otherwise is a reason to ask the system; and to that the answer is exact. */
const jumpMs = 1000

/** Milliseconds since some moment; never fewer than before. */
export function createElapsed({ monotonicMs, wallMs, upMs }: ElapsedSources): () => number {
  const suspended = (): number => Math.max(0, (upMs() ?? 0) - monotonicMs())
  const beforeMs = suspended()
  let suspendedMs = 0
  let aheadMs = wallMs() - monotonicMs()
  return () => {
    const nowMs = monotonicMs()
    const nowAheadMs = wallMs() - nowMs
    if (Math.abs(nowAheadMs - aheadMs) > jumpMs) {
      aheadMs = nowAheadMs
      // That it is a suspension and no setting of the clock, only the time since the start tells.
      const sinceMs = suspended() - beforeMs
      if (sinceMs > jumpMs) suspendedMs = Math.max(suspendedMs, sinceMs)
    }
    return nowMs + suspendedMs
  }
}

/** Of this process. Elsewhere than on Linux the time since the start is made of the wall clock, and tells nothing more. */
export const elapsedMs: () => number = createElapsed({
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  upMs: () => (process.platform === 'linux' ? uptime() * 1000 : undefined),
})
