/**
 * Segments that nothing names: of a write whose answer was lost, or of a commit that the database did not take. They can't
 * go at once: once a database was restored from a back-up, what was acknowledged after it looks the same until the index is
 * rebuilt. Past retention nobody asks for either.
 */
import type { SegmentId } from '../../../ids.ts'
import { segmentMadeAtMs } from '../segment-id.ts'
import type { CompactDeps } from './compact-step.ts'
import type { Removed } from './remove-segments.ts'

const dayMs = 86_400_000
/** No event of a segment is younger than its segment by more: they come at most an hour early, zones are a day apart. */
const marginDays = 2
const lookedUpAtOnce = 500

interface Listed {
  id: SegmentId
  byteLength: number
}

/** Looks at segments that were made before retention began, which are few. */
export async function removeForgotten(
  deps: Pick<CompactDeps, 'db' | 'blobs' | 'clock' | 'retentionDays' | 'signal'>,
): Promise<Removed> {
  const removed: Removed = { segments: 0, bytes: 0 }
  const { retentionDays } = deps
  if (retentionDays === undefined) return removed
  const madeBeforeMs = deps.clock.nowMs() - (retentionDays + marginDays) * dayMs
  let listed: Listed[] = []
  // In the order of their ids, and so of their making.
  for await (const segment of deps.blobs.list()) {
    deps.signal.throwIfAborted()
    if (segmentMadeAtMs(segment.id) >= madeBeforeMs) break
    listed.push(segment)
    if (listed.length < lookedUpAtOnce) continue
    await removeUnnamed(deps, listed, removed)
    listed = []
  }
  await removeUnnamed(deps, listed, removed)
  return removed
}

async function removeUnnamed(
  { db, blobs }: Pick<CompactDeps, 'db' | 'blobs'>,
  listed: Listed[],
  removed: Removed,
): Promise<void> {
  if (listed.length === 0) return
  const ids = listed.map(({ id }) => id)
  const named = new Set<string>(
    (await db.selectFrom('segment').select('id').where('id', 'in', ids).execute()).map(({ id }) => id),
  )
  const forgotten = listed.filter(({ id }) => !named.has(id))
  await blobs.remove(forgotten.map(({ id }) => id))
  removed.segments += forgotten.length
  removed.bytes += forgotten.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
