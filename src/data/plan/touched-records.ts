/** Of older members, the dedup records that may have the key of a late line. */
import { workThrough } from '../../work-through.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { areInside, countOf, keyWindows, type RecordRange } from './key-windows.ts'
import type { LateLines } from './late-lines.ts'
import { OwnedRecords } from './owned-records.ts'

export interface TouchedDeps {
  store: Pick<EventStore, 'readDedupRecords'>
  signal: AbortSignal
}

export interface TouchedMember {
  memberIndex: number
  member: Member
  /** Of the late lines that may have a key of the member. */
  prefixes: number[]
  ranges: RecordRange[]
}

/** Members that a late line touches, in batches of about so many records. */
export function* touchedBatches(
  older: readonly Member[],
  late: LateLines,
  recordsMax: number,
): Generator<TouchedMember[]> {
  let batch: TouchedMember[] = []
  let records = 0
  for (const [memberIndex, member] of older.entries()) {
    const prefixes = late.keyPrefixesFor(member)
    if (prefixes.length === 0) continue
    const ranges = keyWindows(prefixes, member.eventCount)
    const count = countOf(ranges)
    if (batch.length > 0 && records + count > recordsMax) {
      yield batch
      batch = []
      records = 0
    }
    batch.push({ memberIndex, member, prefixes, ranges })
    records += count
  }
  if (batch.length > 0) yield batch
}

const membersAtOnce = 8

export async function readTouched(deps: TouchedDeps, batch: readonly TouchedMember[]): Promise<OwnedRecords> {
  const parts: { memberIndex: number; records: Uint8Array }[] = []
  await workThrough({
    items: batch,
    atOnceMax: membersAtOnce,
    signal: deps.signal,
    work: async (touched) => {
      const { memberIndex } = touched
      for (const records of await readMember(deps, touched)) parts.push({ memberIndex, records })
    },
  })
  return new OwnedRecords(parts)
}

/** All of the member's records where a key lies so oddly that it may stand outside of its range. */
async function readMember(
  { store }: TouchedDeps,
  { member, prefixes, ranges }: TouchedMember,
): Promise<Uint8Array[]> {
  const found: Uint8Array<ArrayBuffer>[] = []
  for (const { from, count } of ranges) found.push(await store.readDedupRecords(member, from, count))
  const read = found.map((records, index) => ({
    range: ranges[index] as RecordRange,
    ...prefixesOf(records),
  }))
  if (areInside(prefixes, read, member.eventCount)) return found
  return [await store.readDedupRecords(member, 0, member.eventCount)]
}

function prefixesOf({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>) {
  const records = new DataView(buffer, byteOffset, length)
  return {
    firstPrefix: records.getUint32(0, false),
    lastPrefix: records.getUint32(length - dedupRecordBytes, false),
  }
}
