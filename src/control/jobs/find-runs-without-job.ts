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
  // EXCEPT reads either side once, whatever the planner believes. With the statistics of tables that were empty a moment
  // ago, `not exists` holds every waiting run of a new backfill against every job.
  // The runs come from the index run_waiting; the job of a run has its id as singleton key.
  const { rows } = await sql<{ id: RunId }>`
    select run.id
    from run
    join pipeline on pipeline.id = run.pipeline_id and pipeline.state = 'active'
    where run.state in ('pending', 'retried') and run.not_before <= ${new Date(nowMs)}
    except
    select job.singleton_key::bigint
    from pgboss.job
    where job.name = ${queueName} and job.state = 'created' and job.singleton_key ~ '^[0-9]+$'
    order by id
    limit ${runsMax}`.execute(tx)
  return rows.map((row) => row.id)
}
