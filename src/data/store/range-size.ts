import { type Kysely, sql } from 'kysely'
import type { IndexTables } from './index-tables.ts'
import { firstOfDay, type HourWindow, isOverDays } from './member-index.ts'

export interface RangeSize {
  /** Lines, those of duplicates among them. */
  events: number
  /** Compressed; of a member of several hours the share of its lines. */
  bytes: number
  /** False: some of the lines are of other names, so it is an upper bound. */
  isExact: boolean
}

/** What the index says of the window's events of these names. Null: of all. */
export async function readRangeSize(
  db: Kysely<IndexTables>,
  { projectId, fromHour, toHour }: HourWindow,
  names: readonly string[] | null,
): Promise<RangeSize> {
  const isNamed = sql`(${names}::text[] is null or event_names is null or event_names && ${names}::text[])`
  const { rows } = await sql<{ events: number; bytes: number; exact: boolean | null }>`
    with found as (
      select * from member
      where project_id = ${projectId} and local_hour >= ${firstOfDay(fromHour)} and local_hour < ${toHour}
        and last_hour >= ${fromHour} and not ${isOverDays} and ${isNamed}
      union all
      select * from member
      where project_id = ${projectId} and local_hour < ${toHour} and last_hour >= ${fromHour} and ${isOverDays}
        and ${isNamed}
    ), part as (
      select local_hour as hour, event_count as events, byte_length::double precision as bytes, event_names
      from found where hour_counts is null
      union all
      select hour_counts[place], hour_counts[place + 1],
        byte_length::double precision * hour_counts[place + 1] / event_count, event_names
      from found, generate_series(1, cardinality(hour_counts), 2) as place
    )
    select coalesce(sum(events), 0)::bigint as events, coalesce(round(sum(bytes)), 0)::bigint as bytes,
      bool_and(${names}::text[] is null or coalesce(event_names <@ ${names}::text[], false)) as exact
    from part
    where hour >= ${fromHour} and hour < ${toHour}`.execute(db)
  const [{ events, bytes, exact } = { events: 0, bytes: 0, exact: true }] = rows
  return { events, bytes, isExact: exact ?? true }
}
