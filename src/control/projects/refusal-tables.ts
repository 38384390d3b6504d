import type { GeneratedAlways } from 'kysely'
import type { ProjectId } from '../../ids.ts'

export interface RefusalTables {
  refusal: RefusalTable
}

/** migrations/0024-refusals.sql says what the columns mean. */
interface RefusalTable {
  id: GeneratedAlways<number>
  project_id: ProjectId
  path: string
  field: string
  message: string
  count: number
  first_at: Date
  last_at: Date
}
