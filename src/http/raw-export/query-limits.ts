/** How often a project may ask for its events: in an hour, in a second, and at once; of whichever process. */
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../control/db/tables.ts'
import { createProjectTurns, type TurnRefusal } from '../../control/limits/project-turns.ts'
import type { ProjectId } from '../../ids.ts'
import { RequestError } from '../pipelines/request-error.ts'

export interface QueryLimits {
  perHourMax: number
  perSecondMax: number
  atOnceMax: number
}

const secondMs = 1000
const hourMs = 3_600_000

/** @returns admits a query, which counts as under way until the call that it gives; or throws RequestError 429 */
export function createQueryLimits(
  db: Kysely<Database>,
  clock: Clock,
  { perHourMax, perSecondMax, atOnceMax }: QueryLimits,
): (project: ProjectId) => Promise<() => Promise<void>> {
  const turns = createProjectTurns(db, clock, 'raw-export', {
    atOnceMax,
    windows: [
      { turnsMax: perHourMax, lengthMs: hourMs },
      { turnsMax: perSecondMax, lengthMs: secondMs },
    ],
  })
  return async (project) => {
    const turn = await turns.take(project)
    if ('refused' in turn) throw tooMany(turn.refused)
    return () => turn.release()
  }
}

function tooMany({ used, max, windowMs, waitMs = secondMs }: TurnRefusal): RequestError {
  const what = windowMs === undefined ? 'at once' : windowMs === hourMs ? 'an hour' : 'a second'
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new RequestError(
    429,
    'RAW_EXPORT_LIMIT_REACHED',
    `the project has used ${used} of ${max} queries ${what}; try again in ${retryAfterSeconds} s`,
    retryAfterSeconds,
  )
}
