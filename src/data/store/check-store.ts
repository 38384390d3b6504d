/** Reads every segment against its checksums and holds the index against the segments. Changes nothing. */
import { crc32 } from 'node:zlib'
import type { Kysely } from 'kysely'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import type { IndexTables } from './index-tables.ts'
import type { SealedMember } from './member.ts'
import { toMember } from './member-rows.ts'
import { readFooter } from './read-footer.ts'
import { dedupRecordBytes, type SegmentFooter } from './segment-format.ts'

interface StoreProblem {
  segmentId: SegmentId
  /** `damaged` and `missing` lose events; `unindexed` was never acknowledged, or the index was lost (reindex). */
  kind: 'damaged' | 'missing' | 'unindexed' | 'index differs'
  found: string
}

export interface StoreCheck {
  segments: number
  members: number
  events: number
  bytes: number
  problems: StoreProblem[]
}

export async function checkStore(db: Kysely<IndexTables>, blobs: BlobStore): Promise<StoreCheck> {
  const check: StoreCheck = { segments: 0, members: 0, events: 0, bytes: 0, problems: [] }
  const indexed = new Map(
    (await db.selectFrom('segment').select(['id', 'live_members']).execute()).map((row) => [
      row.id as SegmentId,
      row.live_members,
    ]),
  )
  for await (const { id, byteLength } of blobs.list()) {
    const liveMembers = indexed.get(id)
    const isIndexed = indexed.delete(id)
    const report = (kind: StoreProblem['kind'], found: string): void => {
      check.problems.push({ segmentId: id, kind, found })
    }
    if (!isIndexed) report('unindexed', 'no commit names it')
    const footer = await readFooterOrReport(blobs, id, byteLength, isIndexed, report)
    if (footer === undefined) continue
    check.segments += 1
    check.members += footer.members.length
    check.events += footer.members.reduce((sum, { eventCount }) => sum + eventCount, 0)
    check.bytes += byteLength
    await checkMembers(blobs, id, footer, report)
    if (liveMembers !== undefined) await compareIndex(db, id, footer, liveMembers, report)
  }
  for (const [id, liveMembers] of indexed) {
    // Of a segment whose members were all merged into others, the blob may be gone before the row.
    if (liveMembers === 0) continue
    check.problems.push({ segmentId: id, kind: 'missing', found: 'the index names it and it is not there' })
  }
  return check
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
    if (!(cause instanceof PenstockError)) throw cause
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
async function compareIndex(
  db: Kysely<IndexTables>,
  id: SegmentId,
  footer: SegmentFooter,
  liveMembers: number,
  report: Report,
): Promise<void> {
  const rows = await db.selectFrom('member').selectAll().where('segment_id', '=', id).execute()
  if (rows.length !== liveMembers) {
    report('index differs', `it has ${rows.length} index rows, and its own row says ${liveMembers}`)
    return
  }
  const isAsWritten = rows.map(toMember).every((member) => {
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
