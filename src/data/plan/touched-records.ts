/** Of older members, the dedup records that may have the key of a late line. */
import { workThrough } from '../../work-through.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { areInside, countOf, keysForWhole, keyWindows, type RecordRange } from './key-windows.ts'
import type { LateLines } from './late-lines.ts'
import { OwnedRecords } from './owned-records.ts'
import { readNear } from './read-near.ts'

export interface TouchedDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readInto'>
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
    const prefixes = late.keyPrefixesFor(member, keysForWhole(member.eventCount))
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

const segmentsAtOnce = 8

export async function readTouched(deps: TouchedDeps, batch: readonly TouchedMember[]): Promise<OwnedRecords> {
  const parts: { memberIndex: number; records: Uint8Array }[] = []
  await workThrough({
    items: bySegment(batch),
    atOnceMax: segmentsAtOnce,
    signal: deps.signal,
    work: async (ofSegment) => {
      for (const [index, found] of (await readSegment(deps, ofSegment)).entries()) {
        const touched = ofSegment[index] as TouchedMember
        const { memberIndex } = touched
        for (const records of await surely(deps, touched, found)) parts.push({ memberIndex, records })
      }
    },
  })
  return new OwnedRecords(parts)
}

/** Members of a segment in its order; one of which some lines were picked alone. */
function bySegment(batch: readonly TouchedMember[]): TouchedMember[][] {
  const groups = Map.groupBy(batch, ({ member }) =>
    member.picked === undefined ? member.segmentId : `${member.segmentId}/${member.ordinal}`,
  )
  return Array.from(groups.values(), (members) =>
    members.sort((left, right) => left.member.keysOffset - right.member.keysOffset),
  )
}

/** The records of each member's ranges. */
async function readSegment(
  { store }: TouchedDeps,
  ofSegment: readonly TouchedMember[],
): Promise<Uint8Array<ArrayBuffer>[][]> {
  const [first] = ofSegment
  if (first === undefined) return []
  if (first.member.picked !== undefined) {
    return [
      await Promise.all(
        first.ranges.map(({ from, count }) => store.readDedupRecords(first.member, from, count)),
      ),
    ]
  }
  const byteRanges = ofSegment.flatMap(({ member, ranges }) =>
    ranges.map(({ from, count }) => ({
      offset: member.keysOffset + from * dedupRecordBytes,
      length: count * dedupRecordBytes,
    })),
  )
  const bytes = await readNear(store.readInto, first.member.segmentId, byteRanges)
  let at = 0
  return ofSegment.map(({ ranges }) => {
    at += ranges.length
    return bytes.slice(at - ranges.length, at)
  })
}

/** All of the member's records where a key lies so oddly that it may stand outside of its range. */
async function surely(
  { store }: TouchedDeps,
  { member, prefixes, ranges }: TouchedMember,
  found: Uint8Array<ArrayBuffer>[],
): Promise<Uint8Array[]> {
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
