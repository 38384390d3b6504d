/** Of older members, the dedup records that may have the key of a late line. */
import { workThrough } from '../../work-through.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { areInside, countOf, keysForWhole, keyWindows, type RecordRange } from './key-windows.ts'
import type { LateLines } from './late-lines.ts'
import { OwnedRecords } from './owned-records.ts'

export interface TouchedDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readRanges'>
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

/** Records that are read by one task of a thread. */
const recordsAtOnce = 65_536

export async function readTouched(deps: TouchedDeps, batch: readonly TouchedMember[]): Promise<OwnedRecords> {
  const parts: { memberIndex: number; records: Uint8Array }[] = []
  await workThrough({
    items: readTogether(batch),
    atOnceMax: 2,
    signal: deps.signal,
    work: async (together) => {
      for (const [index, found] of (await readRecords(deps, together)).entries()) {
        const touched = together[index] as TouchedMember
        const { memberIndex } = touched
        for (const records of await surely(deps, touched, found)) parts.push({ memberIndex, records })
      }
    },
  })
  return new OwnedRecords(parts)
}

/** Those of a segment next to each other, as they stand there; each one of which some lines were picked alone. */
function* readTogether(batch: readonly TouchedMember[]): Generator<TouchedMember[]> {
  const [picked, whole] = [batch.filter(isPicked), batch.filter((touched) => !isPicked(touched))]
  for (const each of picked) yield [each]
  let together: TouchedMember[] = []
  let records = 0
  for (const touched of whole) {
    together.push(touched)
    records += countOf(touched.ranges)
    if (records < recordsAtOnce) continue
    yield together
    together = []
    records = 0
  }
  if (together.length > 0) yield together
}

function isPicked({ member }: TouchedMember): boolean {
  return member.picked !== undefined
}

/** The records of each member's ranges. */
async function readRecords(
  { store }: TouchedDeps,
  together: readonly TouchedMember[],
): Promise<Uint8Array<ArrayBuffer>[][]> {
  const [first] = together
  if (first !== undefined && isPicked(first)) {
    return [
      await Promise.all(
        first.ranges.map(({ from, count }) => store.readDedupRecords(first.member, from, count)),
      ),
    ]
  }
  const bytes = await store.readRanges(
    together.flatMap(({ member: { segmentId, keysOffset }, ranges }) =>
      ranges.map(({ from, count }) => ({
        segmentId,
        offset: keysOffset + from * dedupRecordBytes,
        length: count * dedupRecordBytes,
      })),
    ),
  )
  let at = 0
  return together.map(({ ranges }) => {
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
