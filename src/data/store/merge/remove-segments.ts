/**
 * Gives the space of merged segments back. A segment without members in the index is first marked, in a transaction of its
 * own: whoever takes a hold after that mark reads an index that does not name it. It goes when no older hold is left.
 */
import { sql, type Transaction } from 'kysely'
import type { SegmentId } from '../../../ids.ts'
import type { BlobStore } from '../blob-store.ts'
import type { IndexTables } from '../index-tables.ts'

/** Must have been committed before `removeEmptied` begins, and begin after the merges that it is about. */
export async function markEmptied(tx: Transaction<IndexTables>): Promise<void> {
  await tx
    .updateTable('segment')
    .set({ emptied_at: sql<Date>`clock_timestamp()` })
    .where('live_members', '=', 0)
    .where('emptied_at', 'is', null)
    .execute()
}

const removedAtOnce = 500

export interface Removed {
  segments: number
  bytes: number
}

export async function removeEmptied(tx: Transaction<IndexTables>, blobs: BlobStore): Promise<Removed> {
  await tx.deleteFrom('store_hold').where('held_until', '<', sql<Date>`clock_timestamp()`).execute()
  const emptied = await tx
    .selectFrom('segment')
    .select(['id', 'byte_length'])
    .where('live_members', '=', 0)
    .where((row) =>
      row('emptied_at', '<', sql<Date>`(select coalesce(min(taken_at), 'infinity') from store_hold)`),
    )
    .orderBy('emptied_at')
    .limit(removedAtOnce)
    .execute()
  // Blobs before rows: a row without a blob is found again here, a blob without a row never.
  const ids = emptied.map(({ id }) => id as SegmentId)
  await blobs.remove(ids)
  if (ids.length > 0) await tx.deleteFrom('segment').where('id', 'in', ids).execute()
  return { segments: ids.length, bytes: emptied.reduce((sum, { byte_length }) => sum + byte_length, 0) }
}
