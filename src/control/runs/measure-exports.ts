import { type Kysely, sql } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

/** How exports went of late. */
export interface ExportMeasure {
  /** Of one folder, on average. */
  seconds: number
  bytes: number
  /** How many were worked at once. */
  atOnce: number
}

/** Exports that a measure is taken from: the newest. */
const attemptsMax = 200

/** Of a project, or of all of them; undefined: nothing was exported. By run_attempt's own order, or by run_attempt_newest. */
export async function measureExports(
  db: Kysely<Database>,
  projectId: ProjectId | null,
): Promise<ExportMeasure | undefined> {
  const ofProject = sql`pipeline_id = any(array(select id from pipeline where project_id = ${projectId}))`
  const { rows } = await sql<ExportMeasure & { attempts: number }>`
    with recent as (
      select extract(epoch from ended_at - started_at) as seconds, bytes, started_at, ended_at
      from run_attempt
      where kind = 'export' and ended_in = 'succeeded' and bytes > 0 and ended_at > started_at
        and ${projectId === null ? sql`true` : ofProject}
      order by id desc
      limit ${attemptsMax}
    )
    select count(*)::integer as attempts, avg(seconds)::double precision as seconds, avg(bytes)::double precision as bytes,
      greatest(1, sum(seconds) / extract(epoch from max(ended_at) - min(started_at)))::double precision as "atOnce"
    from recent`.execute(db)
  const [row] = rows
  if (row === undefined || row.attempts === 0) return undefined
  const { seconds, bytes, atOnce } = row
  return { seconds, bytes, atOnce }
}
