import { type Kysely, type Selectable, sql } from 'kysely'
import type { LocalHour, PipelineId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunResult } from './finish-run.ts'
import type { RunError } from './held-run.ts'
import type { RunKind, RunState } from './run-state.ts'

/** An attempt at a run that has ended. */
export interface EndedAttempt {
  /** Goes up with each one that ends. */
  id: number
  localHour: LocalHour
  kind: RunKind
  attempt: number
  /** The state that it left the run in. */
  endedIn: RunState
  startedAtMs: number
  endedAtMs: number
  written: RunResult
  error: RunError | null
}

/** Of one folder; a trigger keeps as many (migrations/0019-run-attempts.sql). */
const attemptsMax = 100

/** Of a folder, the newest first. */
export async function listAttempts(
  db: Kysely<Database>,
  { pipelineId, localHour }: { pipelineId: PipelineId; localHour: LocalHour },
): Promise<EndedAttempt[]> {
  const rows = await db
    .selectFrom('run_attempt')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .where('local_hour', '=', localHour)
    .orderBy('id', 'desc')
    .limit(attemptsMax)
    .execute()
  return rows.map(endedAttempt)
}

/** Those of these pipelines that ended after the one with this id, the oldest first; of very many, the oldest. */
export async function listNewAttempts(
  db: Kysely<Database>,
  pipelineIds: readonly PipelineId[],
  afterId: number,
  limit: number,
): Promise<(EndedAttempt & { pipelineId: PipelineId })[]> {
  const rows = await db
    .selectFrom('run_attempt')
    .selectAll()
    .where(sql<boolean>`pipeline_id = any(${pipelineIds}::bigint[])`)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ pipelineId: row.pipeline_id, ...endedAttempt(row) }))
}

/** The id of the attempt that ended last; 0: none has. */
export async function newestAttempt(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('run_attempt')
    .select((is) => is.fn.max('id').as('id'))
    .executeTakeFirst()
  return row?.id ?? 0
}

type AttemptRow = Omit<Selectable<Database['run_attempt']>, 'pipeline_id'>

function endedAttempt(row: AttemptRow): EndedAttempt {
  const { files, events, bytes, error_code: code } = row
  return {
    id: row.id,
    localHour: row.local_hour,
    kind: row.kind,
    attempt: row.attempt,
    endedIn: row.ended_in,
    startedAtMs: row.started_at.getTime(),
    endedAtMs: row.ended_at.getTime(),
    written: { files, events, bytes },
    error: code === null ? null : { code, message: row.error_message ?? '' },
  }
}
