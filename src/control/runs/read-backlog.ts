import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/tables.ts'
import type { RunState } from './run-state.ts'

/** What is left to do, as the database knows it: the same, whichever process asks. */
export interface Backlog {
  /** Runs in each state that somebody still has to do something about. */
  runs: Record<OpenState, number>
  /** Runs that could be worked now and wait for a worker. */
  runsDue: number
  /** How long ago the folder became due that has waited longest, backfills aside; 0 where none is due. */
  lagSeconds: number
  /** Pipelines that Penstock has paused until their destinations can be written to. */
  pipelinesHeld: number
  notificationsWaiting: number
}

const openStates = ['pending', 'running', 'retried', 'failed', 'timed_out'] as const satisfies RunState[]
type OpenState = (typeof openStates)[number]

/** Counts stop here: nobody acts otherwise on more, and each look stays as cheap. */
const backlogCountMax = 100_000

interface BacklogRow extends Record<OpenState, number> {
  due: number
  lag_seconds: number
  held: number
  notifications: number
}

/**
 * Reads it from partial indexes that hold open work only, so that it costs the same however long the history is.
 * @param timeoutMs after which the database gives the question up, and this rejects
 */
export async function readBacklog(
  db: Kysely<Database>,
  { nowMs, timeoutMs }: { nowMs: number; timeoutMs: number },
): Promise<Backlog> {
  const now = new Date(nowMs)
  const row = await db.transaction().execute(async (tx) => {
    await sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`.execute(tx)
    // Each state by an equality that its index's predicate implies: run_waiting, run_lease, run_failed, run_open.
    const { rows } = await sql<BacklogRow>`
      select
        ${count(sql`run where state = 'pending'`)} as pending,
        ${count(sql`run where state = 'retried'`)} as retried,
        ${count(sql`run where state = 'running' and lease_until is not null`)} as running,
        ${count(sql`run where state = 'failed'`)} as failed,
        ${count(sql`run where state = 'timed_out'`)} as timed_out,
        ${count(sql`run join pipeline on pipeline.id = run.pipeline_id and pipeline.state = 'active'
          where run.state in ('pending', 'retried') and run.not_before <= ${now}`)} as due,
        ${count(sql`pipeline where state = 'paused' and next_connection_test_at is not null`)} as held,
        ${count(sql`notification`)} as notifications,
        greatest(0, extract(epoch from ${now}::timestamptz - least(${oldestOpen(now)}, ${oldestUnplanned(now)})))::float8
          as lag_seconds`.execute(tx)
    return rows[0] as BacklogRow
  })
  return {
    runs: Object.fromEntries(openStates.map((state) => [state, row[state]])) as Backlog['runs'],
    runsDue: row.due,
    lagSeconds: row.lag_seconds,
    pipelinesHeld: row.held,
    notificationsWaiting: row.notifications,
  }
}

function count(of: ReturnType<typeof sql>) {
  return sql`(select count(*)::integer from (select from ${of} limit ${backlogCountMax}) counted)`
}

/** Planned and not exported yet. From the index run_open. */
function oldestOpen(now: Date) {
  return sql`(
    select run.due_at from run join pipeline on pipeline.id = run.pipeline_id and pipeline.state = 'active'
    where run.state in ('pending', 'running', 'retried') and run.kind = 'export' and not run.backfill
      and run.due_at <= ${now}
    order by run.due_at limit 1
  )`
}

/** Not even planned: no scheduler works. From the index pipeline_due. */
function oldestUnplanned(now: Date) {
  return sql`(
    select next_due_at from pipeline where state = 'active' and next_due_at <= ${now} order by next_due_at limit 1
  )`
}
