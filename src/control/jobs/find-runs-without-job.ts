import { type Kysely, sql } from 'kysely'
import type { RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { queueName } from './export-run-queue.ts'

/**
 * Runs that are due and wait, but have no job waiting in the queue: its row was lost with a restored database, or it
 * was taken while the run couldn't be claimed. A job in a worker's hands doesn't count, since that worker may have
 * died; one job too many is harmless.
 */
export async function findRunsWithoutJob(
  tx: Kysely<Database>,
  { nowMs, runsMax }: { nowMs: number; runsMax: number },
): Promise<RunId[]> {
  // The runs come from the index run_waiting in the order in which they became due. For each, pg-boss's unique index
  // of the queue policy `short` (name and singleton key of the jobs in state created) answers at once.
  const { rows } = await sql<{ id: RunId }>`
    select run.id
    from run
    join pipeline on pipeline.id = run.pipeline_id and pipeline.state = 'active'
    where run.state in ('pending', 'retried')
      and run.not_before <= ${new Date(nowMs)}
      and not exists (
        select from pgboss.job
        where job.name = ${queueName}
          and job.state = 'created'
          and job.policy = 'short'
          and coalesce(job.singleton_key, '') = run.id::text
      )
    order by run.not_before
    limit ${runsMax}`.execute(tx)
  return rows.map((row) => row.id)
}
