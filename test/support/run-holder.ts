import type { Kysely } from 'kysely'
import type { Database } from '../../src/control/db/tables.ts'
import type { ProjectId } from '../../src/ids.ts'
import type { RunningPenstock } from './penstock-process.ts'

/** Whoever has the project's run: its worker's name says its process. */
export async function findHolder(
  db: Kysely<Database>,
  servers: readonly RunningPenstock[],
  projectId: number,
): Promise<RunningPenstock> {
  const run = await db
    .selectFrom('run')
    .innerJoin('pipeline', 'pipeline.id', 'run.pipeline_id')
    .select('worker_id')
    .where('project_id', '=', projectId as ProjectId)
    .where('run.state', '=', 'running')
    .executeTakeFirstOrThrow()
  const found = servers.find(({ pid }) => run.worker_id?.split('/').at(-2) === String(pid))
  if (found === undefined) throw new Error(`nobody is ${run.worker_id}`)
  return found
}
