/** Reads every segment against its checksums and holds the index against the segments. Changes nothing. */
import { crc32 } from 'node:zlib'
import type { Kysely } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { SegmentId } from '../../ids.ts'
import { workThrough } from '../../work-through.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import type { Member, SealedMember } from './member.ts'
import { toMember } from './member-rows.ts'
import { readFooter } from './read-footer.ts'
import { dedupRecordBytes, type SegmentFooter } from './segment-format.ts'
import { withHold } from './store-hold.ts'

interface StoreProblem {
  segmentId: SegmentId
  /** `damaged` and `missing` lose events; `unindexed` was never acknowledged, or the index was lost (reindex). */
  kind: 'damaged' | 'missing' | 'unindexed' | 'index differs'
  found: string
}

export interface StoreCheck {
  segments: number
  /** Of the index: what was merged into others is not counted beside them. */
  members: number
  events: number
  bytes: number
  problems: StoreProblem[]
}

/** While one comes from a bucket, another is checked. */
const segmentsAtOnce = 4

/** Ingest, compaction and exports may go on meanwhile. */
export async function checkStore(db: Kysely<IndexTables>, blobs: BlobStore): Promise<StoreCheck> {
  return await withHold(db, () => checkHeld(db, blobs))
}

async function checkHeld(db: Kysely<IndexTables>, blobs: BlobStore): Promise<StoreCheck> {
  const check: StoreCheck = { segments: 0, members: 0, events: 0, bytes: 0, problems: [] }
  // Of a segment whose members were all merged into others, the blob may be gone before the row.
  const live = await db.selectFrom('segment').select('id').where('live_members', '>', 0).execute()
  const unseen = new Set(live.map(({ id }) => id as SegmentId))
  const { signal } = new AbortController()
  await workThrough({
    ...{ items: blobs.list(), atOnceMax: segmentsAtOnce, signal },
    work: async ({ id, byteLength }) => {
      unseen.delete(id)
      const report = (kind: StoreProblem['kind'], found: string): void => {
        check.problems.push({ segmentId: id, kind, found })
      }
      await checkSegment(db, blobs, { id, byteLength }, check, report).catch((cause: unknown) => {
        // It was merged before the check began, and has been removed since.
        if (!(cause instanceof PenstockError && cause.code === 'STORE_SEGMENT_MISSING')) throw cause
      })
    },
  })
  for (const id of unseen)
    check.problems.push({ segmentId: id, kind: 'missing', found: 'the index names it and it is not there' })
  // In the order of the segments, and of what was found in each.
  check.problems.sort((a, b) => (a.segmentId < b.segmentId ? -1 : Number(a.segmentId > b.segmentId)))
  return check
}

async function checkSegment(
  db: Kysely<IndexTables>,
  blobs: BlobStore,
  { id, byteLength }: { id: SegmentId; byteLength: number },
  check: StoreCheck,
  report: Report,
): Promise<void> {
  const indexed = await readIndexed(db, id)
  if (indexed === undefined) report('unindexed', 'no commit names it')
  const footer = await readFooterOrReport(blobs, id, byteLength, indexed !== undefined, report)
  if (footer === undefined) return
  await checkMembers(blobs, id, footer, report)
  const members = indexed?.members ?? []
  check.segments += 1
  check.members += members.length
  check.events += members.reduce((sum, { eventCount }) => sum + eventCount, 0)
  check.bytes += byteLength
  if (indexed !== undefined) compareIndex(indexed, footer, report)
}

interface IndexedSegment {
  liveMembers: number
  members: Member[]
}

/** One transaction sees one state: a merge is done in it, or not begun. */
async function readIndexed(db: Kysely<IndexTables>, id: SegmentId): Promise<IndexedSegment | undefined> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const segment = await tx
        .selectFrom('segment')
        .select('live_members')
        .where('id', '=', id)
        .executeTakeFirst()
      if (segment === undefined) return undefined
      const rows = await tx.selectFrom('member').selectAll().where('segment_id', '=', id).execute()
      return { liveMembers: segment.live_members, members: rows.map(toMember) }
    })
}

type Report = (kind: StoreProblem['kind'], found: string) => void

async function readFooterOrReport(
  blobs: BlobStore,
  id: SegmentId,
  byteLength: number,
  isIndexed: boolean,
  report: Report,
): Promise<SegmentFooter | undefined> {
  try {
    const footer = await readFooter(blobs, id, byteLength)
    // A segment cut short that nothing names is only a write that was never acknowledged.
    if (footer === undefined && isIndexed) report('damaged', 'it ends before its footer')
    return footer
  } catch (cause) {
    if (!(cause instanceof PenstockError) || cause.code === 'STORE_SEGMENT_MISSING') throw cause
    report('damaged', cause.message)
    return undefined
  }
}

async function checkMembers(
  blobs: BlobStore,
  id: SegmentId,
  footer: SegmentFooter,
  report: Report,
): Promise<void> {
  for (const [ordinal, member] of footer.members.entries()) {
    const gzip = await blobs.read(id, member.byteOffset, member.byteLength)
    if (crc32(gzip) !== member.crc32) report('damaged', `member ${ordinal} does not match its checksum`)
    const records = await blobs.read(id, member.keysOffset, member.eventCount * dedupRecordBytes)
    if (crc32(records) !== member.keysCrc32)
      report('damaged', `the dedup records of member ${ordinal} do not match their checksum`)
    const { sources } = member
    if (sources !== null && crc32(await blobs.read(id, sources.offset, sources.length)) !== sources.crc32)
      report('damaged', `the line sources of member ${ordinal} do not match their checksum`)
  }
}

/** Members may be missing from the index only where it says so itself: merged into others, or past retention. */
function compareIndex({ liveMembers, members }: IndexedSegment, footer: SegmentFooter, report: Report): void {
  if (members.length !== liveMembers) {
    report('index differs', `it has ${members.length} index rows, and its own row says ${liveMembers}`)
    return
  }
  const isAsWritten = members.every((member) => {
    const sealed = footer.members[member.ordinal]
    return sealed !== undefined && placeAndContent(member) === placeAndContent(sealed)
  })
  if (!isAsWritten) report('index differs', 'its index rows are not what its footer says')
}

function placeAndContent(member: SealedMember): string {
  const { projectId, localHour, lastHour, hourCounts, sources } = member
  return JSON.stringify([
    ...[projectId, localHour, lastHour, hourCounts],
    ...[member.byteOffset, member.byteLength, member.crc32, member.eventCount, member.keysOffset],
    ...[sources?.offset, sources?.length],
  ])
}
