import type { ProjectId } from '../../ids.ts'

export interface ProfileTables {
  profile: ProfileTable
}

interface ProfileTable {
  project_id: ProjectId
  /** Empty for users. */
  group_key: string
  id: string
  /** JSON object. */
  properties: string
  updated_at: Date
}
