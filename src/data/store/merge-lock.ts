import { sql, type Transaction } from 'kysely'
import type { IndexTables } from './index-tables.ts'

/** Any numbers, as long as every version of Penstock takes the same and nothing else on this database does. */
const mergeLock = 7_362_841_906
const compactorLock = 7_362_841_907

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

/**
 * Held to the end of the transaction: there is one compactor at a time, in all processes together, so that no two read
 * the same members or remove the same segments.
 * @returns false when another has it and `waits` is not set
 */
export async function lockCompactor(tx: Transaction<IndexTables>, waits: boolean): Promise<boolean> {
  if (waits) {
    await sql`select pg_advisory_xact_lock(${compactorLock})`.execute(tx)
    return true
  }
  const { rows } = await sql<{
    locked: boolean
  }>`select pg_try_advisory_xact_lock(${compactorLock}) as locked`.execute(tx)
  return rows[0]?.locked === true
}
