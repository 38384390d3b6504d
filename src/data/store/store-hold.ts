/** Holds: while a reader has one, no segment goes that the index named since; a copy of the store holds all there are. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { IndexTables } from './index-tables.ts'
import { lockCompactor } from './merge-lock.ts'

/** A reader that doesn't renew its hold for so long has lost it: what it reads may be gone, and it finds that out. */
const heldSeconds = 120
const renewedEveryMs = 20_000

export interface StoreHold {
  release(): Promise<void>
}

/** What the index names from here to the hold's release stays readable. */
export async function openHold(db: Kysely<IndexTables>): Promise<StoreHold> {
  const { release } = await openHoldSince(db, sql<Date>`clock_timestamp()`)
  return { release: async () => void (await release().catch(() => false)) }
}

/**
 * From here to the end of `copy` no segment is removed, not even one that was merged before: a copy that walks through the
 * store while it is written to has all that the index named when the copy began.
 * @returns what `copy` gave, and whether the hold lasted as long; false: segments may have gone meanwhile
 */
export async function withAllHeld<Result>(
  db: Kysely<IndexTables>,
  copy: () => Promise<Result>,
): Promise<{ result: Result; lasted: boolean }> {
  const { release } = await openHoldSince(db, sql<Date>`'-infinity'::timestamptz`)
  try {
    // Whatever was being removed before the hold could be seen is gone by then.
    await db.transaction().execute((tx) => lockCompactor(tx, true))
    const result = await copy()
    return { result, lasted: await release() }
  } catch (error) {
    await release().catch(() => false)
    throw error
  }
}

/** Segments that were emptied after `since` stay. `release` says whether the hold was still there. */
async function openHoldSince(
  db: Kysely<IndexTables>,
  since: RawBuilder<Date>,
): Promise<{ release(): Promise<boolean> }> {
  const { id } = await db
    .insertInto('store_hold')
    .values({ taken_at: since, held_until: heldUntil })
    .returning('id')
    .executeTakeFirstOrThrow()
  // While the database is away, nothing is removed either; a hold that can't be given back ends by itself.
  const renewing = setInterval(() => void renew(db, id).catch(() => undefined), renewedEveryMs)
  return {
    release: async () => {
      clearInterval(renewing)
      const { numDeletedRows } = await db.deleteFrom('store_hold').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

/** What the index names from the call of `read` to its end stays readable. */
export async function withHold<Result>(
  db: Kysely<IndexTables>,
  read: () => Promise<Result>,
): Promise<Result> {
  const hold = await openHold(db)
  try {
    return await read()
  } finally {
    await hold.release()
  }
}

async function renew(db: Kysely<IndexTables>, id: number): Promise<void> {
  await db.updateTable('store_hold').set({ held_until: heldUntil }).where('id', '=', id).execute()
}

const heldUntil = sql<Date>`clock_timestamp() + make_interval(secs => ${heldSeconds})`
