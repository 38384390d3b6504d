import { type Kysely, sql, type Transaction } from 'kysely'
import type { RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { findRunsWithoutJob } from '../jobs/find-runs-without-job.ts'
import type { RunNudges } from '../jobs/run-jobs.ts'
import { released } from './held-run.ts'
import { nudgeRuns } from './nudge-runs.ts'
import { transition } from './run-state.ts'

export interface RecoverOptions {
  nowMs: number
  /** Attempts that end outside the program's control, crashes included, before a run has failed. */
  attemptsMax: number
  /** Bound of one call; the next goes on from there. */
  runsMax: number
  /** Where the call before has come to (Recovered.lookedUpTo). */
  after: RunId | 0
}

export interface Recovered {
  /** Runs whose worker fell silent. */
  lost: number
  /** Runs that waited without a job. */
  nudged: number
  /** Of the runs that wait: a call looks at a bounded number, and the next goes on. */
  lookedUpTo: RunId | 0
}

/**
 * Brings back runs that nobody is working on any more: those whose worker fell silent longer than its lease, and
 * those that wait without a job in the queue. Any number of processes may call it at once.
 */
export async function recoverLostRuns(
  db: Kysely<Database>,
  jobs: RunNudges,
  options: RecoverOptions,
): Promise<Recovered> {
  const lost = await db.transaction().execute((tx) => recoverSilent(tx, jobs, options))
  const { runIds, lookedUpTo } = await db.transaction().execute(async (tx) => {
    const found = await findRunsWithoutJob(tx, options)
    await nudgeRuns(tx, jobs, found.runIds)
    return found
  })
  return { lost, nudged: runIds.length, lookedUpTo }
}

async function recoverSilent(
  tx: Transaction<Database>,
  jobs: RunNudges,
  { nowMs, attemptsMax, runsMax }: RecoverOptions,
): Promise<number> {
  const now = new Date(nowMs)
  const lose = transition('lose')
  const exhaust = transition('exhaust')
  // The index run_lease has the few runs in somebody's hands. `skip locked`: another process is at that one.
  // A canceled run stays canceled and only loses its lease.
  const { rows } = await sql<{ id: RunId; state: string }>`
    with silent as (
      select id from run
      where lease_until < ${now} and state in (${sql.join([...lose.from, 'canceled'])})
      order by lease_until
      limit ${runsMax}
      for update skip locked
    )
    update run
    set state = case
          when state = 'canceled' then 'canceled'
          when failures + 1 >= ${attemptsMax} then ${exhaust.to}
          else ${lose.to}
        end,
        worker_id = ${released.worker_id},
        lease_until = ${released.lease_until},
        failures = failures + 1,
        not_before = ${now},
        finished_at = ${now},
        error_code = 'RUN_LEASE_LOST',
        error_message = 'the worker fell silent: it crashed or lost the database; the run starts again by itself'
    from silent
    where run.id = silent.id
    returning run.id, run.state`.execute(tx)
  const waiting = rows.filter((row) => row.state === lose.to).map((row) => row.id)
  await nudgeRuns(tx, jobs, waiting)
  return rows.length
}
