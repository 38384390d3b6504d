import type { ProjectId } from '../../ids.ts'

export interface SessionTables {
  console_session: ConsoleSessionTable
}

/** migrations/0018-console-sessions.sql says what the columns mean. */
interface ConsoleSessionTable {
  token_hash: Buffer
  project_id: ProjectId | null
  service_account_id: number | null
  secret_hash: Buffer
  created_at: Date
  expires_at: Date
}
