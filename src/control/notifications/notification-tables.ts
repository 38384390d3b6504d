import type { Generated } from 'kysely'
import type { PipelineId } from '../../ids.ts'

/** migrations/0017-notifications.sql says what the columns mean. */
export interface NotificationTables {
  notification: {
    id: string
    body: string
    created_at: Date
    not_before: Date
    attempts: Generated<number>
  }
  pipeline_notice: { pipeline_id: PipelineId; kind: NoticeKind; noticed_at: Date }
}

type NoticeKind = 'late' | 'held'
