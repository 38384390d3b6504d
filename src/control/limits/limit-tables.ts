import type { Generated } from 'kysely'
import type { ProjectId } from '../../ids.ts'

export interface LimitTables {
  rate_bucket: RateBucketTable
  project_turn: ProjectTurnTable
}

interface RateBucketTable {
  project_id: ProjectId
  bytes: number
  granted: number
  filled_at: Date
}

interface ProjectTurnTable {
  id: Generated<string>
  kind: string
  project_id: ProjectId
  taken_at: Date
  held_until: Date | null
}
