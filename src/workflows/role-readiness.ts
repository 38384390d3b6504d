/** What each role of a process says of itself: whether it does its work, beside whether it could. */
import type { Looking } from './look-at-interval.ts'

export interface RoleWork {
  scheduler?: Pick<Looking, 'silentMs'> | undefined
  /** Takes runs off the queue. */
  worker?: { silentMs(): number } | undefined
}

/** A look or a question that takes longer than this is not only slow. */
const silenceMsMax = 60_000

/** @returns reasons in words; empty where every role does its work */
export function silentRoles({ scheduler, worker }: RoleWork, schedulerIntervalMs: number): string[] {
  const reasons: string[] = []
  if (scheduler !== undefined && scheduler.silentMs() > silenceMsMax + schedulerIntervalMs)
    reasons.push(`no look at what is due has succeeded for ${inSeconds(scheduler.silentMs())}`)
  if (worker !== undefined && worker.silentMs() > silenceMsMax)
    reasons.push(`the job queue has not answered for ${inSeconds(worker.silentMs())}`)
  return reasons
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
