import { type Kysely, sql } from 'kysely'
import type { CommitNumber } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import { firstOfDay, type HourWindow, isOverDays } from './member-index.ts'

/** Of a project's hours that have events, in order: one place a list for each hour. */
export interface HourTotals {
  hours: number[]
  /** Lines, those of duplicates among them. */
  events: number[]
  /** The newest commit that brought some. */
  commits: CommitNumber[]
}

const timedOutCode = '57014'

/**
 * One statement over the index; nothing of a segment is read.
 * @returns undefined where it takes longer than `msMax`
 */
export async function readHourTotals(
  db: Kysely<IndexTables>,
  window: HourWindow,
  msMax: number,
): Promise<HourTotals | undefined> {
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select set_config('statement_timeout', ${String(msMax)}, true)`.execute(tx)
      return await sumHours(tx, window)
    })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === timedOutCode) return undefined
    throw cause
  }
}

async function sumHours(
  db: Kysely<IndexTables>,
  { projectId, fromHour, toHour }: HourWindow,
): Promise<HourTotals> {
  // Arrays, because a row an hour would take longer to read than to sum up.
  const { rows } = await sql<HourTotals>`
    with spread as (
      select hour_counts, commit_number from member
      where project_id = ${projectId} and local_hour >= ${firstOfDay(fromHour)} and local_hour < ${toHour}
        and last_hour >= ${fromHour} and hour_counts is not null and not ${isOverDays}
      union all
      select hour_counts, commit_number from member
      where project_id = ${projectId} and local_hour < ${toHour} and last_hour >= ${fromHour}
        and hour_counts is not null and ${isOverDays}
    ), part as (
      select local_hour as hour, event_count as events, commit_number from member
      where project_id = ${projectId} and local_hour >= ${fromHour} and local_hour < ${toHour} and hour_counts is null
      union all
      select hour_counts[place], hour_counts[place + 1], commit_number
      from spread, generate_series(1, cardinality(hour_counts), 2) as place
      where hour_counts[place] >= ${fromHour} and hour_counts[place] < ${toHour}
    ), total as (
      select hour, sum(events) as events, max(commit_number) as commit_number from part group by hour
    )
    select coalesce(array_agg(hour order by hour), '{}') as hours,
      coalesce(array_agg(events::double precision order by hour), '{}') as events,
      coalesce(array_agg(commit_number::double precision order by hour), '{}') as commits
    from total`.execute(db)
  return rows[0] as HourTotals
}
