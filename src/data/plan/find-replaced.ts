/**
 * Which lines of older members a late line of the same event replaces.
 *
 * Late lines are few and older ones many, so only those dedup records of older members are read that may have the key of a
 * late line: of members whose times and names have room for its event, and there about where its key must stand. As
 * everywhere, lines are compared in full before one is dropped (invariant 6).
 */
import type { RunInThread } from '../../threads/pool.ts'
import { openSpool } from '../spool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { CandidateGroups } from './candidate-groups.ts'
import { readLateLines } from './late-lines.ts'
import { Locations } from './locations.ts'
import { LosingLines } from './losing-lines.ts'
import type { MatchedKeys, MatchKeysInput } from './match-keys.ts'
import type { OwnedRecords } from './owned-records.ts'
import { planSizes } from './plan-sizes.ts'
import { settleDuplicates } from './settle-duplicates.ts'
import { readTouched, touchedBatches } from './touched-records.ts'

export interface FindReplacedDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readInto' | 'readMember' | 'readLineCommits'>
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
    for (const batch of lateBatches(late, older.length, half)) {
      const lines = await readLateLines(deps, members, batch)
      for (const touched of touchedBatches(older, lines, half)) {
        const candidates = await match(deps, lines.records, await readTouched(deps, touched))
        if (candidates.count === 0) continue
        await settleDuplicates({ ...deps, spool }, members, keys, candidates, losing)
      }
    }
    return losing
  } finally {
    await spool.close()
  }
}

async function match(
  deps: FindReplacedDeps,
  late: OwnedRecords,
  older: OwnedRecords,
): Promise<CandidateGroups> {
  const input = { late: late.bytes.slice(), older: older.bytes }
  const moved = [input.late.buffer, input.older.buffer]
  const { groups } = await deps.run<MatchKeysInput, MatchedKeys>('matchKeys', input, moved)
  const candidates = new CandidateGroups()
  for (let at = 0, group = 0; at < groups.length; group++) {
    at = candidates.add(groups, at, (place) => older.memberOf(place), group)
    at = candidates.add(groups, at, (place) => late.memberOf(place), group)
  }
  return candidates
}

/** Places of late members, neighbours together as long as they have no more than so many events; a larger one alone. */
function* lateBatches(late: Member[], first: number, eventsMax: number): Generator<number[]> {
  let batch: number[] = []
  let events = 0
  for (const [index, { eventCount }] of late.entries()) {
    if (batch.length > 0 && events + eventCount > eventsMax) {
      yield batch
      batch = []
      events = 0
    }
    batch.push(first + index)
    events += eventCount
  }
  if (batch.length > 0) yield batch
}
