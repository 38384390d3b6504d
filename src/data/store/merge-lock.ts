import { sql, type Transaction } from 'kysely'
import type { IndexTables } from './index-tables.ts'

/** Any number, as long as every version of Penstock takes the same and nothing else on this database does. */
const mergeLock = 7_362_841_906

/**
 * Held to the end of the transaction. `shared`: what merges, retention and the removal of segments take before they
 * change the index. `exclusive`: none of them is under way, and none begins. Commits don't take it.
 */
export async function lockMerges(tx: Transaction<IndexTables>, mode: 'shared' | 'exclusive'): Promise<void> {
  await (mode === 'shared'
    ? sql`select pg_advisory_xact_lock_shared(${mergeLock})`
    : sql`select pg_advisory_xact_lock(${mergeLock})`
  ).execute(tx)
}
