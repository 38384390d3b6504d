/** How often a project may ask for its events: in an hour, in a second, and at once. Of one process. */
import type { Clock } from '../../clock.ts'
import type { ProjectId } from '../../ids.ts'
import { RequestError } from '../pipelines/request-error.ts'

export interface QueryLimits {
  perHourMax: number
  perSecondMax: number
  atOnceMax: number
}

/** Of a project: when its queries of the last hour were admitted, and how many are being answered. */
interface Asked {
  timesMs: number[]
  underWay: number
}

const secondMs = 1000
const hourMs = 3_600_000

/** @returns admits a query, which counts as under way until the call that it gives; or throws RequestError 429 */
export function createQueryLimits(
  clock: Clock,
  { perHourMax, perSecondMax, atOnceMax }: QueryLimits,
): (project: ProjectId) => () => void {
  const projects = new Map<ProjectId, Asked>()
  return (project) => {
    const nowMs = clock.nowMs()
    const asked = projects.get(project) ?? { timesMs: [], underWay: 0 }
    projects.set(project, asked)
    // Times that lie ahead are from before the clock was set back.
    asked.timesMs = asked.timesMs.filter((timeMs) => timeMs <= nowMs && timeMs > nowMs - hourMs)
    const sinceSecond = asked.timesMs.filter((timeMs) => timeMs > nowMs - secondMs)
    if (asked.underWay >= atOnceMax) throw tooMany(`${asked.underWay} of ${atOnceMax} queries at once`, 1)
    refuseFull(asked.timesMs, perHourMax, 'queries an hour', (timeMs) => timeMs + hourMs - nowMs)
    refuseFull(sinceSecond, perSecondMax, 'queries a second', (timeMs) => timeMs + secondMs - nowMs)
    asked.timesMs.push(nowMs)
    asked.underWay += 1
    return () => {
      asked.underWay -= 1
    }
  }
}

function refuseFull(
  timesMs: readonly number[],
  max: number,
  what: string,
  waitMs: (timeMs: number) => number,
): void {
  if (timesMs.length < max) return
  const [oldest = 0] = timesMs
  throw tooMany(`${timesMs.length} of ${max} ${what}`, Math.max(1, Math.ceil(waitMs(oldest) / 1000)))
}

function tooMany(used: string, retryAfterSeconds: number): RequestError {
  return new RequestError(
    429,
    'RAW_EXPORT_LIMIT_REACHED',
    `the project has used ${used}; try again in ${retryAfterSeconds} s`,
    retryAfterSeconds,
  )
}
