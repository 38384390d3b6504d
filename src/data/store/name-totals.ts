/** What the index alone knows of a project's events by their names, and which members tell the rest. */
import { type Kysely, sql } from 'kysely'
import type { IndexTables } from './index-tables.ts'
import type { Member } from './member.ts'
import { firstOfDay, type HourWindow, isOverDays } from './member-index.ts'
import { toMember } from './member-rows.ts'

export interface NameTotal {
  /** Number of the day since 1970-01-01. */
  day: number
  /** Null: of members with several names, of which only the lines tell how many each has. */
  name: string | null
  events: number
}

/** How many members are named at most. */
export interface TellingBounds {
  namesMax: number
  mixedMax: number
}

const totalsMax = 50_000

/** Events a day by name, where a member has but one; the most first. */
export async function readNameTotals(db: Kysely<IndexTables>, window: HourWindow): Promise<NameTotal[]> {
  const { fromHour, toHour } = window
  const { rows } = await sql<NameTotal>`
    with found as (${membersOf(window)}), part as (
      select local_hour as hour, event_count as events, event_names from found where hour_counts is null
      union all
      select hour_counts[place], hour_counts[place + 1], event_names
      from found, generate_series(1, cardinality(hour_counts), 2) as place
    )
    select hour / 24 as day, case when cardinality(event_names) = 1 then event_names[1] end as name,
      sum(events)::bigint as events
    from part
    where hour >= ${fromHour} and hour < ${toHour}
    group by 1, 2
    order by events desc
    limit ${totalsMax}`.execute(db)
  return rows
}

/** Of each name the newest member that has no other, and the newest members that have several, each up to a bound. */
export async function readTellingMembers(
  db: Kysely<IndexTables>,
  window: HourWindow,
  { namesMax, mixedMax }: TellingBounds,
): Promise<{ single: Member[]; mixed: Member[] }> {
  const single = await sql<Parameters<typeof toMember>[0]>`
    select * from (
      select distinct on (event_names) * from (${membersOf(window)}) found
      where cardinality(event_names) = 1
      order by event_names, commit_number desc
    ) newest
    order by commit_number desc
    limit ${namesMax}`.execute(db)
  const mixed = await sql<Parameters<typeof toMember>[0]>`
    select * from (${membersOf(window)}) found
    where event_names is null or cardinality(event_names) > 1
    order by commit_number desc
    limit ${mixedMax}`.execute(db)
  return { single: single.rows.map(toMember), mixed: mixed.rows.map(toMember) }
}

/** By the indexes member_hour and member_over_days. */
function membersOf({ projectId, fromHour, toHour }: HourWindow) {
  return sql`
    select * from member
    where project_id = ${projectId} and local_hour >= ${firstOfDay(fromHour)} and local_hour < ${toHour}
      and last_hour >= ${fromHour} and not ${isOverDays}
    union all
    select * from member
    where project_id = ${projectId} and local_hour < ${toHour} and last_hour >= ${fromHour} and ${isOverDays}`
}
