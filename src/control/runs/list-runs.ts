import { type Kysely, type Selectable, sql } from 'kysely'
import type { LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunResult } from './finish-run.ts'
import type { RunError } from './held-run.ts'
import { type RunKind, type RunState, runStates } from './run-state.ts'
import type { RunTable } from './run-tables.ts'

/** A run as its owner sees it. */
export interface RunOverview {
  state: RunState
  kind: RunKind
  folder: { localHour: LocalHour; hours: 1 | 24 }
  dueAtMs: number
  /** Not tried before. */
  notBeforeMs: number
  startedAtMs: number | null
  finishedAtMs: number | null
  attempt: number
  /** What it wrote, or, while it works, has written when its lease was renewed last; null where neither is known. */
  written: RunResult | null
  error: RunError | null
}

/** An answer stays bounded after years of hourly folders: beyond this, the oldest are left out. */
const runsMax = 10_000

/** A pipeline's runs in one of `states`, in the order of their folders, a folder's sync after its export; of very many, the newest. */
export async function listRuns(
  db: Kysely<Database>,
  pipelineId: PipelineId,
  states: readonly RunState[],
): Promise<RunOverview[]> {
  // Read backwards along the index run_folder.
  const rows = await db
    .selectFrom('run')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('state', 'in', states)
    .orderBy('local_hour', 'desc')
    .orderBy('kind', 'desc')
    .limit(runsMax)
    .execute()
  return rows.reverse().map(runOverview)
}

/** The export of one folder, and its newest sync where there is one; none before it is due. */
export async function listFolderRuns(
  db: Kysely<Database>,
  { pipelineId, localHour }: { pipelineId: PipelineId; localHour: LocalHour },
): Promise<RunOverview[]> {
  const rows = await db
    .selectFrom('run')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .orderBy('kind')
    .execute()
  return rows.map(runOverview)
}

function runOverview(row: Selectable<RunTable>): RunOverview {
  return {
    state: row.state,
    kind: row.kind,
    folder: { localHour: row.local_hour, hours: row.hours },
    dueAtMs: row.due_at.getTime(),
    notBeforeMs: row.not_before.getTime(),
    startedAtMs: row.started_at?.getTime() ?? null,
    finishedAtMs: row.finished_at?.getTime() ?? null,
    attempt: row.attempt,
    written: writtenOf(row),
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  }
}

function writtenOf({ state, files, events, bytes }: Selectable<RunTable>): RunResult | null {
  // What a broken-off attempt had written, the next one writes again.
  if (state !== 'succeeded' && state !== 'running') return null
  return files === null || events === null || bytes === null ? null : { files, events, bytes }
}

/** How many runs a pipeline has in each state. */
export async function countRuns(
  db: Kysely<Database>,
  pipelineId: PipelineId,
): Promise<Record<RunState, number>> {
  const rows = await db
    .selectFrom('run')
    .select(['state', sql<number>`count(*)::integer`.as('count')])
    .where('pipeline_id', '=', pipelineId)
    .groupBy('state')
    .execute()
  const counts = new Map(rows.map((row) => [row.state, row.count]))
  return Object.fromEntries(runStates.map((state) => [state, counts.get(state) ?? 0])) as Record<
    RunState,
    number
  >
}
