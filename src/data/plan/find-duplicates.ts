/**
 * Which lines of a folder's members lose against a newer line of the same event.
 *
 * Reads dedup records, not events, in passes over ranges of the key space: each pass takes the records of its range
 * from every member (they are sorted, so it reads on where the last pass ended) and holds at most about
 * `keysInMemoryMax` of them. Only where keys are equal are the lines themselves read and their identities compared,
 * so that a hash collision never drops an event (invariant 6).
 */
import type { RunInThread } from '../../threads/pool.ts'
import { dedupKeyBytes } from '../ingest/dedup-key.ts'
import { keyPrefix } from '../store/dedup-records.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import { DuplicateCandidates } from './duplicate-candidates.ts'
import type { EqualKeys, EqualKeysInput } from './equal-keys.ts'
import { LosingLines } from './losing-lines.ts'
import { settleDuplicates } from './settle-duplicates.ts'

export interface FindDuplicatesDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readMember'>
  run: RunInThread
  keysInMemoryMax: number
  signal: AbortSignal
}

/** Lines waiting for their identities to be compared hold these; a fixed share of what a pass may hold. */
const settledAtOnce = (keysInMemoryMax: number): number => Math.ceil(keysInMemoryMax / 8)

/** @param members oldest first: of two equal events the one in the later member, or on the later line, wins. */
export async function findDuplicates(deps: FindDuplicatesDeps, members: Member[]): Promise<LosingLines> {
  const losing = new LosingLines(members)
  const total = members.reduce((sum, member) => sum + member.eventCount, 0)
  const passes = Math.max(1, Math.ceil(total / deps.keysInMemoryMax))
  const cursors = new Uint32Array(members.length)
  const candidates = new DuplicateCandidates()
  const settle = async (): Promise<void> => {
    await settleDuplicates(deps, members, candidates, losing)
    candidates.clear()
  }
  for (let pass = 1; pass <= passes; pass++) {
    const equal = await equalKeysOfPass(deps, members, cursors, (pass / passes) * 2 ** 32)
    for (const group of eachGroup(equal)) {
      candidates.startGroup()
      for (const place of group) candidates.add(equal.memberIndexes[place] ?? 0, equal.lines[place] ?? 0)
      if (candidates.count >= settledAtOnce(deps.keysInMemoryMax)) await settle()
    }
  }
  await settle()
  return losing
}

/** The records of one pass: whose they are, and which of them have equal keys (EqualKeys.groups). */
interface PassRecords extends EqualKeys {
  memberIndexes: Uint32Array
  lines: Uint32Array
}

/** Reads the records whose key prefix is below `prefixEnd` and that were not read before. */
async function equalKeysOfPass(
  deps: FindDuplicatesDeps,
  members: Member[],
  cursors: Uint32Array,
  prefixEnd: number,
): Promise<PassRecords> {
  const chunks: MemberRecords[] = []
  for (const [memberIndex, member] of members.entries()) {
    deps.signal.throwIfAborted()
    for (const records of await readPass(deps, member, memberIndex, cursors, prefixEnd)) {
      chunks.push({ memberIndex, records })
    }
  }
  // The joined buffer moves to the thread, so each record's member and line are read before.
  const origins = recordOrigins(chunks)
  const records = joinRecords(chunks)
  const { groups } = await deps.run<EqualKeysInput, EqualKeys>('findEqualKeys', { records }, [records.buffer])
  return { ...origins, groups }
}

interface MemberRecords {
  memberIndex: number
  records: Uint8Array
}

/** A member's records from its cursor up to `prefixEnd`; moves the cursor. */
async function readPass(
  deps: FindDuplicatesDeps,
  member: Member,
  memberIndex: number,
  cursors: Uint32Array,
  prefixEnd: number,
): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for (;;) {
    const from = cursors[memberIndex] ?? 0
    const left = member.eventCount - from
    if (left === 0) return found
    // Keys are spread evenly, so the share of the range tells how many to expect; a few more save a second read.
    const expected =
      prefixEnd >= 2 ** 32 ? left : Math.ceil((prefixEnd / 2 ** 32) * member.eventCount * 1.05) - from + 16
    const count = Math.min(left, Math.max(16, expected))
    const records = await deps.store.readDedupRecords(member, from, count)
    const below = countBelow(records, prefixEnd)
    found.push(records.subarray(0, below * dedupRecordBytes))
    cursors[memberIndex] = from + below
    if (below < count) return found
  }
}

/** How many of the sorted records have a key prefix below the bound. */
function countBelow(records: Uint8Array, prefixEnd: number): number {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let low = 0
  let high = records.length / dedupRecordBytes
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyPrefix(view, middle) < prefixEnd) low = middle + 1
    else high = middle
  }
  return low
}

function recordOrigins(chunks: MemberRecords[]): Omit<PassRecords, 'groups'> {
  const count = chunks.reduce((sum, { records }) => sum + records.length / dedupRecordBytes, 0)
  const origins = { memberIndexes: new Uint32Array(count), lines: new Uint32Array(count) }
  let place = 0
  for (const { memberIndex, records } of chunks) {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
    for (let at = dedupKeyBytes; at < records.length; at += dedupRecordBytes) {
      origins.memberIndexes[place] = memberIndex
      origins.lines[place] = view.getUint32(at, true)
      place++
    }
  }
  return origins
}

function* eachGroup({ groups }: EqualKeys): Generator<Uint32Array> {
  for (let at = 0; at < groups.length; ) {
    const end = at + 1 + (groups[at] ?? 0)
    yield groups.subarray(at + 1, end)
    at = end
  }
}

function joinRecords(chunks: MemberRecords[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(chunks.reduce((sum, { records }) => sum + records.length, 0))
  let at = 0
  for (const { records } of chunks) {
    joined.set(records, at)
    at += records.length
  }
  return joined
}
