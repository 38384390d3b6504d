/** What may have changed of some pipelines since somebody looked: one look for all who watch. */
import { type Kysely, sql } from 'kysely'
import type { LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunResult } from './finish-run.ts'
import type { RunError } from './held-run.ts'
import { type PipelineProgress, readProgress } from './read-progress.ts'
import type { RunKind, RunStep } from './run-state.ts'

/** A run in a worker's hands, as of its last sign of life. */
export interface RunUnderWay {
  localHour: LocalHour
  hours: 1 | 24
  kind: RunKind
  attempt: number
  startedAtMs: number
  step: RunStep
  written: RunResult
}

export interface WatchedState {
  state: 'active' | 'paused'
  pauseReason: string | null
  lastError: RunError | null
  progress: PipelineProgress | undefined
  /** The oldest folder first; of very many, the newest. */
  runs: RunUnderWay[]
}

const runsMax = 100

/** By pipeline; those that are gone are left out. */
export async function readWatched(
  db: Kysely<Database>,
  pipelineIds: readonly PipelineId[],
  nowMs: number,
): Promise<Map<PipelineId, WatchedState>> {
  const [pipelines, runs, progress] = await Promise.all([
    readStates(db, pipelineIds),
    readRunsUnderWay(db, pipelineIds),
    readProgress(db, pipelineIds, nowMs),
  ])
  return new Map(
    pipelines.map(({ id, state, pause_reason: pauseReason, error_code: code, error_message: message }) => [
      id,
      {
        ...{ state, pauseReason, progress: progress.get(id), runs: runs.get(id) ?? [] },
        lastError: code === null ? null : { code, message: message ?? '' },
      },
    ]),
  )
}

interface StateRow {
  id: PipelineId
  state: WatchedState['state']
  pause_reason: string | null
  error_code: string | null
  error_message: string | null
}

async function readStates(db: Kysely<Database>, ids: readonly PipelineId[]): Promise<StateRow[]> {
  const { rows } = await sql<StateRow>`
    select id, state, pause_reason, error_code, error_message
    from pipeline
    left join lateral (
      select error_code, error_message from run
      where run.pipeline_id = pipeline.id and run.state in ('failed', 'timed_out', 'retried')
      order by finished_at desc
      limit 1
    ) failure on true
    where id = any(${ids}::bigint[]) and state <> 'removed'`.execute(db)
  return rows
}

/** By the index run_lease: only runs in somebody's hands have a lease. */
async function readRunsUnderWay(
  db: Kysely<Database>,
  ids: readonly PipelineId[],
): Promise<Map<PipelineId, RunUnderWay[]>> {
  const rows = await db
    .selectFrom('run')
    .selectAll()
    .where('lease_until', 'is not', null)
    .where('state', '=', 'running')
    .where(sql<boolean>`pipeline_id = any(${ids}::bigint[])`)
    .orderBy('local_hour')
    .execute()
  const byPipeline = Map.groupBy(rows, (row) => row.pipeline_id)
  return new Map(
    [...byPipeline].map(([id, ofPipeline]) => [
      id,
      ofPipeline.slice(-runsMax).map((row) => ({
        ...{ localHour: row.local_hour, hours: row.hours, kind: row.kind, attempt: row.attempt },
        startedAtMs: (row.started_at ?? row.created_at).getTime(),
        step: row.step ?? 'planning',
        written: { files: row.files ?? 0, events: row.events ?? 0, bytes: row.bytes ?? 0 },
      })),
    ]),
  )
}
