import type { Generated, GeneratedAlways } from 'kysely'
import type { ProjectId, ProjectToken } from '../../ids.ts'

export interface ProjectTables {
  project: ProjectTable
}

export interface ProjectTable {
  id: GeneratedAlways<ProjectId>
  name: string
  token: ProjectToken
  /** SHA-256 of the secret: the secret itself is nowhere. */
  api_secret_hash: Buffer
  /** IANA name. */
  time_zone: string
  /** Of long strings in its events: Mixpanel's 255 characters are kept. */
  cuts_strings: Generated<boolean>
  /** What it may send in; null: as the settings say. */
  events_per_day_max: Generated<number | null>
  bytes_per_day_max: Generated<number | null>
  events_per_month_max: Generated<number | null>
  bytes_per_month_max: Generated<number | null>
  created_at: Generated<Date>
}
