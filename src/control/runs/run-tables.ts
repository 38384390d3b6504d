import type { Generated, GeneratedAlways } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId, RunId } from '../../ids.ts'
import type { RunKind, RunState, RunStep } from './run-state.ts'

export interface RunTables {
  run: RunTable
  run_attempt: RunAttemptTable
}

/** migrations/0003-pipelines-and-runs.sql and 0007-syncs.sql say what the columns mean. */
export interface RunTable {
  id: GeneratedAlways<RunId>
  pipeline_id: PipelineId
  local_hour: LocalHour
  hours: 1 | 24
  kind: RunKind
  backfill: boolean
  state: RunState
  due_at: Date
  not_before: Date
  attempt: Generated<number>
  failures: Generated<number>
  worker_id: string | null
  lease_until: Date | null
  step: Generated<RunStep | null>
  snapshot_commit: CommitNumber | null
  /** migrations/0022-run-contents.sql; read by run-contents.ts. */
  contents: unknown
  started_at: Date | null
  finished_at: Date | null
  files: number | null
  events: number | null
  bytes: number | null
  error_code: string | null
  error_message: string | null
  created_at: Date
}

/** migrations/0019-run-attempts.sql says what the columns mean; a trigger writes them. */
interface RunAttemptTable {
  id: GeneratedAlways<number>
  pipeline_id: PipelineId
  local_hour: LocalHour
  kind: RunKind
  attempt: number
  ended_in: RunState
  started_at: Date
  ended_at: Date
  files: number
  events: number
  bytes: number
  error_code: string | null
  error_message: string | null
}
