import type { Generated } from 'kysely'

export interface SetupTables {
  setup_token: SetupTokenTable
}

/** migrations/0025-setup-tokens.sql says what the columns mean. */
interface SetupTokenTable {
  token_hash: Buffer
  created_at: Generated<Date>
}
