/** Holds: while a reader has one, no segment goes that the index named since. */
import { type Kysely, sql } from 'kysely'
import type { IndexTables } from './index-tables.ts'

/** A reader that doesn't renew its hold for so long has lost it: what it reads may be gone, and it finds that out. */
const heldSeconds = 120
const renewedEveryMs = 20_000

export interface StoreHold {
  release(): Promise<void>
}

/** What the index names from here to the hold's release stays readable. */
export async function openHold(db: Kysely<IndexTables>): Promise<StoreHold> {
  const { id } = await db
    .insertInto('store_hold')
    .values({ held_until: heldUntil })
    .returning('id')
    .executeTakeFirstOrThrow()
  // While the database is away, nothing is removed either; a hold that can't be given back ends by itself.
  const renewing = setInterval(() => void renew(db, id).catch(() => undefined), renewedEveryMs)
  return {
    release: async () => {
      clearInterval(renewing)
      await db
        .deleteFrom('store_hold')
        .where('id', '=', id)
        .execute()
        .catch(() => undefined)
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
