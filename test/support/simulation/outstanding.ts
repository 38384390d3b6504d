import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../src/control/db/tables.ts'

/** A run that failed is tried again within seconds; one that a wrong clock has planned too early waits for longer. */
const soonMs = 60_000
const syncIntervalMs = 3_600_000

/** What is due and not done: looks at pipelines, and runs; and what has come to a stop. */
export async function countOutstanding(
  db: Kysely<Database>,
  nowMs: number,
): Promise<{ outstanding: number; broken: number }> {
  const now = new Date(nowMs)
  const { rows } = await sql<{ outstanding: number; broken: number }>`
    select
      (select count(*) from pipeline where next_due_at <= ${now}
        or next_sync_at <= ${now} or next_sync_at > ${new Date(nowMs + syncIntervalMs)})::integer
      + (select count(*) from run where state = 'running'
        or state in ('pending', 'retried') and not_before <= ${new Date(nowMs + soonMs)})::integer as outstanding,
      (select count(*) from pipeline where state <> 'active')::integer
      + (select count(*) from run where state in ('failed', 'timed_out', 'canceled'))::integer as broken`.execute(
    db,
  )
  return rows[0] ?? { outstanding: 0, broken: 0 }
}
