/** How much a project may send in. */
import type { Kysely } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { projectUnknown } from './project-unknown.ts'

export const quotaNames = [
  'eventsPerDayMax',
  'bytesPerDayMax',
  'eventsPerMonthMax',
  'bytesPerMonthMax',
] as const
export type QuotaName = (typeof quotaNames)[number]

/** Undefined: no bound. */
export type Quota = Readonly<Record<QuotaName, number | undefined>>

/** What is said of one project. Null: what the settings say. */
export type OwnQuota = Readonly<Record<QuotaName, number | null>>

/** Stands for no bound where the settings say one. */
export const unboundedQuota = Number.MAX_SAFE_INTEGER

/** In SQL as in the settings' names. */
export const quotaColumns = [
  'project.events_per_day_max as eventsPerDayMax',
  'project.bytes_per_day_max as bytesPerDayMax',
  'project.events_per_month_max as eventsPerMonthMax',
  'project.bytes_per_month_max as bytesPerMonthMax',
] as const

export function ownQuotaOf(row: OwnQuota): OwnQuota {
  const { eventsPerDayMax, bytesPerDayMax, eventsPerMonthMax, bytesPerMonthMax } = row
  return { eventsPerDayMax, bytesPerDayMax, eventsPerMonthMax, bytesPerMonthMax }
}

/** What holds for a project. */
export function quotaOf(own: OwnQuota, settings: Quota): Quota {
  const bound = (name: QuotaName): number | undefined => {
    const max = own[name] ?? settings[name]
    return max === unboundedQuota ? undefined : max
  }
  return {
    eventsPerDayMax: bound('eventsPerDayMax'),
    bytesPerDayMax: bound('bytesPerDayMax'),
    eventsPerMonthMax: bound('eventsPerMonthMax'),
    bytesPerMonthMax: bound('bytesPerMonthMax'),
  }
}

/**
 * Changes what is said of a project; serving processes know it within two seconds.
 * @throws PenstockError `PROJECT_UNKNOWN`
 */
export async function setQuota(
  db: Kysely<Database>,
  projectId: ProjectId,
  changes: Partial<OwnQuota>,
): Promise<void> {
  const result = await db
    .updateTable('project')
    .set({
      events_per_day_max: changes.eventsPerDayMax,
      bytes_per_day_max: changes.bytesPerDayMax,
      events_per_month_max: changes.eventsPerMonthMax,
      bytes_per_month_max: changes.bytesPerMonthMax,
    })
    .where('id', '=', projectId)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw projectUnknown(projectId)
}
