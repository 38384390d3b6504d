/** What each project has sent in today and this month (UTC), counted by the commits that stored it. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'
import type { SealedMember } from './member.ts'

export interface Amount {
  events: number
  /** Uncompressed. */
  bytes: number
}

export interface ProjectUsage {
  day: Amount
  month: Amount
  /** Until the day and the month end, by the database's clock. */
  dayLeftMs: number
  monthLeftMs: number
}

const today = sql`(now() at time zone 'utc')::date`

/**
 * Counts what a commit brings: a part of its one statement, which follows on the part `numbered` and so on the lock that
 * orders commits. Nobody waits for these rows, then, who doesn't wait for that lock.
 */
export function countCommit(members: readonly SealedMember[]): RawBuilder<unknown> {
  return sql`
    insert into project_usage as usage (project_id, day, day_events, day_bytes, month_events, month_bytes)
    select project_id, ${today}, events, bytes, events, bytes
    from numbered, jsonb_to_recordset(${JSON.stringify(amountsByProject(members))}::jsonb)
      as brought (project_id integer, events bigint, bytes bigint)
    on conflict (project_id) do update set
      day = greatest(usage.day, excluded.day),
      day_events = excluded.day_events + case when ${isOfDay} then usage.day_events else 0 end,
      day_bytes = excluded.day_bytes + case when ${isOfDay} then usage.day_bytes else 0 end,
      month_events = excluded.month_events + case when ${isOfMonth} then usage.month_events else 0 end,
      month_bytes = excluded.month_bytes + case when ${isOfMonth} then usage.month_bytes else 0 end`
}

// A commit that waited past midnight counts for the new day.
const isOfDay = sql`usage.day >= excluded.day`
const isOfMonth = sql`date_trunc('month', usage.day) >= date_trunc('month', excluded.day)`

function amountsByProject(members: readonly SealedMember[]) {
  const amounts = new Map<ProjectId, Amount>()
  for (const { projectId, eventCount, rawBytes } of members) {
    const { events, bytes } = amounts.get(projectId) ?? { events: 0, bytes: 0 }
    amounts.set(projectId, { events: events + eventCount, bytes: bytes + rawBytes })
  }
  return [...amounts].map(([project_id, amount]) => ({ project_id, ...amount }))
}

/** Every commit that was answered is in it. */
export async function readUsage(db: Kysely<IndexTables>, project: ProjectId): Promise<ProjectUsage> {
  const ofDay = (column: string) => sql`case when day >= today then ${sql.ref(column)} else 0 end`
  const ofMonth = (column: string) =>
    sql`case when date_trunc('month', day) >= date_trunc('month', today) then ${sql.ref(column)} else 0 end`
  const leftMs = (end: RawBuilder<unknown>) =>
    sql`ceil(extract(epoch from (${end})::timestamp - now() at time zone 'utc') * 1000)::float8`
  const { rows } = await sql<UsageRow>`
    select coalesce(${ofDay('day_events')}, 0) as day_events, coalesce(${ofDay('day_bytes')}, 0) as day_bytes,
      coalesce(${ofMonth('month_events')}, 0) as month_events, coalesce(${ofMonth('month_bytes')}, 0) as month_bytes,
      ${leftMs(sql`today + 1`)} as day_left_ms,
      ${leftMs(sql`date_trunc('month', today) + interval '1 month'`)} as month_left_ms
    from (select ${today} as today) as clock
    left join project_usage on project_id = ${project}`.execute(db)
  const [row] = rows as [UsageRow]
  return {
    day: { events: row.day_events, bytes: row.day_bytes },
    month: { events: row.month_events, bytes: row.month_bytes },
    dayLeftMs: row.day_left_ms,
    monthLeftMs: row.month_left_ms,
  }
}

interface UsageRow {
  day_events: number
  day_bytes: number
  month_events: number
  month_bytes: number
  day_left_ms: number
  month_left_ms: number
}
