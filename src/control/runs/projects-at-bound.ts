import { type Kysely, sql } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

/** Projects that have as many runs in all workers' hands as they may. From the index run_lease: a few rows a worker. */
export async function findProjectsAtBound(
  db: Kysely<Database>,
  { projectRunsMax, nowMs }: { projectRunsMax: number; nowMs: number },
): Promise<ProjectId[]> {
  const { rows } = await sql<{ project_id: ProjectId }>`
    select pipeline.project_id
    from run join pipeline on pipeline.id = run.pipeline_id
    where run.lease_until >= ${new Date(nowMs)}
    group by pipeline.project_id
    having count(*) >= ${projectRunsMax}`.execute(db)
  return rows.map((row) => row.project_id)
}
