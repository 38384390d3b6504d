/**
 * Retention: segments go as a whole, when all of their events both happened and arrived longer ago than events are kept.
 * The hours that may lack events from then on are recorded in the same transaction, and are read no more: a folder of
 * them would look complete and not be.
 */
import { type Kysely, sql, type Transaction } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { LocalHour } from '../../ids.ts'
import type { IndexTables } from './index-tables.ts'

const hourMs = 3_600_000
/** A local hour is over everywhere so many hours after it is over in UTC: no zone was ever further away. */
const zoneReachHours = 16
const segmentsAtOnce = 500

/** @returns how many segments have left the index; they are removed like those that were merged */
export async function dropExpired(
  tx: Transaction<IndexTables>,
  { nowMs, retentionDays }: { nowMs: number; retentionDays: number },
): Promise<number> {
  const endMs = nowMs - retentionDays * 24 * hourMs
  const pastHour = Math.floor(endMs / hourMs) - zoneReachHours - 1
  await sql`
    insert into store_retention (past_hour) values (${pastHour})
    on conflict (only_row) do update set past_hour = greatest(store_retention.past_hour, excluded.past_hour)`.execute(
    tx,
  )
  const { rows } = await sql<{ segments: number }>`
    with expired as (
      select id from segment
      where live_members > 0 and created_at < ${new Date(endMs)}
        and not exists (select from member where segment_id = id and last_hour > ${pastHour})
      limit ${segmentsAtOnce}
    ), dropped as (
      delete from member using expired where segment_id = id
    ), emptied as (
      update segment set live_members = 0, live_bytes = 0 from expired where segment.id = expired.id
    )
    select count(*) as segments from expired`.execute(tx)
  return rows[0]?.segments ?? 0
}

/**
 * Must come after the members were read: what was in the index then is whole, or this says that it is not.
 * @throws PenstockError `EVENTS_PAST_RETENTION`
 */
export async function refusePastHours(db: Kysely<IndexTables>, fromHour: LocalHour): Promise<void> {
  const past = await db.selectFrom('store_retention').select('past_hour').executeTakeFirst()
  if (past === undefined || fromHour > past.past_hour) return
  throw new PenstockError(
    'caller',
    'EVENTS_PAST_RETENTION',
    'events of these days are kept no longer (PENSTOCK_RETENTION_DAYS), so an export of them would not be complete: what was exported before stays as it is',
  )
}
