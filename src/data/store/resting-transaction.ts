import { sql, type Transaction } from 'kysely'
import type { IndexTables } from './index-tables.ts'

/**
 * Lets a transaction do nothing for longer than others may: it reads segments or waits for threads between two statements.
 * The database ends it after half an hour, for a process that is stopped must not keep its locks for ever.
 */
export async function letRest(tx: Transaction<IndexTables>): Promise<void> {
  await sql`set local idle_in_transaction_session_timeout = '30min'`.execute(tx)
}
