import { type Kysely, sql } from 'kysely'
import type { RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import { queueName } from './export-run-queue.ts'

export interface WaitingSlice {
  nowMs: number
  /** Looks at runs after this one; 0: from the first. */
  after: RunId | 0
  /** Runs that one look finds. */
  runsMax: number
}

export interface RunsWithoutJob {
  runIds: RunId[]
  /** Where the next look goes on; 0: this one came to the end. */
  lookedUpTo: RunId | 0
}

/** Waiting runs that one look goes over: however many there are, a look costs the same. */
const sliceRuns = 2000

/**
 * Runs that are due and wait, but have no job waiting in the queue: its row was lost with a restored database, or it
 * was taken while the run couldn't be claimed. A job in a worker's hands doesn't count, since that worker may have
 * died; one job too many is harmless.
 */
export async function findRunsWithoutJob(
  tx: Kysely<Database>,
  { nowMs, after, runsMax }: WaitingSlice,
): Promise<RunsWithoutJob> {
  // From the index run_waiting_id.
  const { rows: slice } = await sql<{ id: RunId; wanted: boolean }>`
    select waiting.id, pipeline.state = 'active' and waiting.not_before <= ${new Date(nowMs)} as wanted
    from (
      select id, pipeline_id, not_before from run
      where state in ('pending', 'retried') and id > ${after}
      order by id
      limit ${sliceRuns}
    ) as waiting
    join pipeline on pipeline.id = waiting.pipeline_id
    order by waiting.id`.execute(tx)
  const wanted = slice.filter((run) => run.wanted).map(({ id }) => id)
  const withJob = await findQueued(tx, wanted)
  const without = wanted.filter((id) => !withJob.has(id))
  const runIds = without.slice(0, runsMax)
  if (without.length > runsMax) return { runIds, lookedUpTo: runIds.at(-1) ?? 0 }
  return { runIds, lookedUpTo: slice.length < sliceRuns ? 0 : (slice.at(-1)?.id ?? 0) }
}

/** From pg-boss's own index of the waiting jobs of a queue by their singleton keys, which are runs' ids. */
async function findQueued(tx: Kysely<Database>, runIds: readonly RunId[]): Promise<Set<RunId>> {
  if (runIds.length === 0) return new Set()
  const { rows } = await sql<{ id: RunId }>`
    select singleton_key::bigint as id from pgboss.job
    where name = ${queueName} and state = 'created' and singleton_key = any(${runIds.map(String)}::text[])`.execute(
    tx,
  )
  return new Set(rows.map(({ id }) => id))
}
