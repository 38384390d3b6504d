import type { Generated, GeneratedAlways } from 'kysely'
import type { CommitNumber, LocalHour, PipelineId, RunId } from '../../ids.ts'
import type { RunKind, RunState } from './run-state.ts'

export interface RunTables {
  run: RunTable
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
  snapshot_commit: CommitNumber | null
  started_at: Date | null
  finished_at: Date | null
  files: number | null
  events: number | null
  bytes: number | null
  error_code: string | null
  error_message: string | null
  created_at: Date
}
