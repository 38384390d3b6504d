/**
 * Which lines of older members a late line of the same event replaces.
 *
 * Late lines are few, so their keys are held in memory and the older members' dedup records are held against them, of
 * members only whose time touches a late member's: equal events have equal times. As everywhere, lines are compared
 * in full before one is dropped (invariant 6).
 */
import type { RunInThread } from '../../threads/pool.ts'
import { openSpool } from '../spool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'
import type { MemberCandidates } from './candidate-members.ts'
import { Locations } from './locations.ts'
import { LosingLines } from './losing-lines.ts'
import type { MatchedKeys, MatchKeysInput } from './match-keys.ts'
import { planSizes } from './plan-sizes.ts'
import { type Candidates, settleDuplicates } from './settle-duplicates.ts'
import { touchesOneOf } from './time-spans.ts'

export interface FindReplacedDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readMember' | 'readLineCommits'>
  run: RunInThread
  spoolFolder: string
  /** Keys that are compared at once, late and older ones together. */
  keysInMemoryMax: number
  signal: AbortSignal
}

/** Lines of `late` came with later commits than every older one. The answer numbers members as `older` does. */
export async function findReplaced(
  deps: FindReplacedDeps,
  older: Member[],
  late: Member[],
): Promise<LosingLines> {
  const members = [...older, ...late]
  const losing = new LosingLines(members)
  if (older.length === 0 || late.length === 0) return losing
  const keys = { locations: new Locations(members), sizes: planSizes(deps.keysInMemoryMax) }
  const half = Math.ceil(deps.keysInMemoryMax / 2)
  const spool = await openSpool(deps.spoolFolder)
  try {
    for (const lateBatch of batchesOf(placesOf(late, older.length), members, half)) {
      const lateRecords = await readRecords(deps, members, lateBatch)
      const touches = touchesOneOf(lateBatch.map((place) => members[place] as Member))
      const touched = placesOf(older, 0).filter((place) => touches(members[place] as Member))
      for (const olderBatch of batchesOf(touched, members, half)) {
        const candidates = await matchBatch(deps, members, lateBatch, lateRecords, olderBatch)
        if (candidates.count > 0)
          await settleDuplicates({ ...deps, spool }, members, keys, candidates, losing)
      }
    }
    return losing
  } finally {
    await spool.close()
  }
}

async function matchBatch(
  deps: FindReplacedDeps,
  members: Member[],
  lateBatch: number[],
  lateRecords: Uint8Array<ArrayBuffer>,
  olderBatch: number[],
): Promise<Candidates> {
  const input = { late: lateRecords.slice(), older: await readRecords(deps, members, olderBatch) }
  const moved = [input.late.buffer, input.older.buffer]
  const { groups } = await deps.run<MatchKeysInput, MatchedKeys>('matchKeys', input, moved)
  const candidates = new CandidateGroups()
  const [lateOwner, olderOwner] = [ownerOf(members, lateBatch), ownerOf(members, olderBatch)]
  for (let at = 0, group = 0; at < groups.length; group++) {
    at = candidates.add(groups, at, olderOwner, group)
    at = candidates.add(groups, at, lateOwner, group)
  }
  return candidates
}

/** Lines whose keys are equal, member by member. */
class CandidateGroups implements Candidates {
  /** By member: each line's group. */
  readonly #groups = new Map<number, Map<number, number>>()
  count = 0

  get members(): MemberCandidates[] {
    return Array.from(this.#groups, ([memberIndex, groupOf]) => {
      const lines = Uint32Array.from(groupOf.keys()).sort()
      return { memberIndex, lines, groups: lines.map((line) => groupOf.get(line) ?? 0) }
    })
  }

  /** Takes the records that stand at `at` (matchKeys) into a group and returns what stands after them. */
  add(matched: Uint32Array, at: number, owner: (place: number) => number, group: number): number {
    const end = at + 1 + 2 * (matched[at] ?? 0)
    for (let pair = at + 1; pair < end; pair += 2) {
      const memberIndex = owner(matched[pair] ?? 0)
      const groupOf = this.#groups.get(memberIndex) ?? new Map<number, number>()
      this.#groups.set(memberIndex, groupOf.set(matched[pair + 1] ?? 0, group))
      this.count += 1
    }
    return end
  }
}

/** The records of members end to end. */
async function readRecords(
  { store, signal }: FindReplacedDeps,
  members: Member[],
  batch: number[],
): Promise<Uint8Array<ArrayBuffer>> {
  const counts = batch.map((place) => members[place]?.eventCount ?? 0)
  const records = new Uint8Array(counts.reduce((sum, count) => sum + count, 0) * dedupRecordBytes)
  let at = 0
  for (const [index, place] of batch.entries()) {
    signal.throwIfAborted()
    records.set(await store.readDedupRecords(members[place] as Member, 0, counts[index] ?? 0), at)
    at += (counts[index] ?? 0) * dedupRecordBytes
  }
  return records
}

/** Whose record stands at a place among those of a batch. */
function ownerOf(members: Member[], batch: number[]): (place: number) => number {
  const ends: number[] = []
  for (const place of batch) ends.push((ends.at(-1) ?? 0) + (members[place]?.eventCount ?? 0))
  return (record) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ends[middle] ?? 0) <= record) low = middle + 1
      else high = middle
    }
    return batch[low] ?? 0
  }
}

function placesOf(members: Member[], first: number): number[] {
  return members.map((_, index) => first + index)
}

/** Neighbours together as long as they have no more than so many events; one larger member stands alone. */
function* batchesOf(places: number[], members: Member[], eventsMax: number): Generator<number[]> {
  let batch: number[] = []
  let events = 0
  for (const place of places) {
    const count = members[place]?.eventCount ?? 0
    if (batch.length > 0 && events + count > eventsMax) {
      yield batch
      batch = []
      events = 0
    }
    batch.push(place)
    events += count
  }
  if (batch.length > 0) yield batch
}
