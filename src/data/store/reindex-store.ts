import type { Kysely } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import { insertMembers, recordCommitIn } from './member-index.ts'
import { readFooter } from './read-footer.ts'
import { segmentMadeAtMs } from './segment-id.ts'

export interface Reindexed {
  /** Segments that the index did not name, and now does. */
  added: number
  /** Segments whose rows were made anew. */
  renewed: number
  /** Writes that were cut short: nothing of them was ever acknowledged. */
  unfinished: SegmentId[]
  /** Segments whose footer has changed since it was written; they are left out. */
  damaged: SegmentId[]
}

/**
 * Rebuilds the index from the segments' footers, in one transaction that holds commits back: a reader sees the old
 * index or the new one. A segment that the index names keeps its commit number; the others come after them in the order
 * of their making. Events of a segment whose commit was never answered may appear by it; sent again, they are one.
 */
export async function reindexStore(db: Kysely<IndexTables>, blobs: BlobStore): Promise<Reindexed> {
  return await db.transaction().execute(async (tx) => {
    await tx.selectFrom('store_commit').select('number').forUpdate().executeTakeFirstOrThrow()
    const result: Reindexed = { added: 0, renewed: 0, unfinished: [], damaged: [] }
    const known = new Map(
      (await tx.selectFrom('segment').select(['id', 'commit_number']).execute()).map((row) => [
        row.id,
        row.commit_number,
      ]),
    )
    for await (const { id, byteLength } of blobs.list()) {
      const footer = await readFooter(blobs, id, byteLength).catch(damagedFooter)
      const commitNumber = known.get(id)
      if (footer === 'damaged') {
        result.damaged.push(id)
      } else if (footer === undefined) {
        result.unfinished.push(id)
      } else if (commitNumber === undefined) {
        const createdAt = new Date(segmentMadeAtMs(id))
        await recordCommitIn(tx, { id, byteLength, createdAt, members: footer.members })
        result.added += 1
      } else {
        await tx.deleteFrom('member').where('segment_id', '=', id).execute()
        await insertMembers(tx, { id, members: footer.members }, commitNumber)
        result.renewed += 1
      }
    }
    return result
  })
}

function damagedFooter(cause: unknown): 'damaged' {
  if (cause instanceof PenstockError && cause.code === 'STORE_SEGMENT_CORRUPT') return 'damaged'
  throw cause
}
