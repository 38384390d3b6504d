import type { Generated, GeneratedAlways } from 'kysely'
import type { LocalHour, PipelineId, ProjectId } from '../../ids.ts'
import type { DestinationColumns } from './destination-columns.ts'
import type { Frequency, PipelineState } from './pipeline.ts'

export interface PipelineTables {
  pipeline: PipelineTable
}

/** migrations/0003-pipelines-and-runs.sql, 0005-pipeline-where.sql, 0007-syncs.sql, 0012-destination-tests.sql and
 * 0014-manifests.sql say what the columns mean. */
export interface PipelineTable extends DestinationColumns {
  id: GeneratedAlways<PipelineId>
  project_id: ProjectId
  name: string
  state: PipelineState
  trial: boolean
  frequency: Frequency
  /** `YYYY-MM-DD`. */
  from_date: string
  to_date: string | null
  events: string[] | null
  where_expression: string | null
  sync: boolean
  manifest: Generated<boolean>
  next_local_hour: LocalHour | null
  next_due_at: Date | null
  next_sync_at: Date | null
  last_dispatched_at: Date | null
  next_trust_test_at: Generated<Date>
  trust_warning: string | null
  next_connection_test_at: Date | null
  connection_tests: Generated<number>
  pause_reason: string | null
  refusals: number
  created_at: Date
}
