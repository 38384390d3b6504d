/**
 * Which lines of older members a late line of the same event replaces.
 *
 * Late lines are few and older ones many, so the index is asked only for members whose times have room for a late event, and
 * of these only those dedup records are read that may have its key: where the names have room for it too, about where its
 * key must stand. As everywhere, lines are compared in full before one is dropped (invariant 6).
 */
import type { RunInThread } from '../../threads/pool.ts'
import { openSpool, type Spool } from '../spool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import type { TimeRange } from '../store/member-index.ts'
import { CandidateGroups } from './candidate-groups.ts'
import { type LateLines, readLateLines } from './late-lines.ts'
import { joinLines, type LineBits } from './line-bits.ts'
import { Locations } from './locations.ts'
import { LosingLines } from './losing-lines.ts'
import type { MatchedKeys, MatchKeysInput } from './match-keys.ts'
import type { OwnedRecords } from './owned-records.ts'
import { planSizes } from './plan-sizes.ts'
import { settleDuplicates } from './settle-duplicates.ts'
import { readTouched, touchedBatches } from './touched-records.ts'

export interface FindReplacedDeps {
  store: Pick<EventStore, 'readDedupRecords' | 'readRanges' | 'readMember' | 'readLineCommits'>
  run: RunInThread
  spoolFolder: string
  /** Keys that are compared at once, late and older ones together. */
  keysInMemoryMax: number
  signal: AbortSignal
}

/** Lines of a member that are replaced. */
export interface ReplacedLines {
  member: Member
  lines: LineBits
}

/**
 * Lines of `late` came with later commits than every older one.
 * @param olderAt older members that may have lines of one of these times
 */
export async function findReplaced(
  deps: FindReplacedDeps,
  olderAt: (times: TimeRange[]) => Promise<Member[]>,
  late: readonly Member[],
): Promise<ReplacedLines[]> {
  const found = new Map<string, ReplacedLines>()
  const spool = await openSpool(deps.spoolFolder)
  try {
    for (const batch of lateBatches(late, Math.ceil(deps.keysInMemoryMax / 2))) {
      const lines = await readLateLines(deps, batch)
      const older = await olderAt(lines.times())
      for (const replaced of await replacedBy({ ...deps, spool }, older, batch, lines)) keep(found, replaced)
    }
    return [...found.values()]
  } finally {
    await spool.close()
  }
}

async function replacedBy(
  deps: FindReplacedDeps & { spool: Spool },
  older: readonly Member[],
  late: readonly Member[],
  lines: LateLines,
): Promise<ReplacedLines[]> {
  // The late ones first, as `lines` numbers them.
  const members = [...late, ...older]
  const losing = new LosingLines(members)
  const locations = new Locations(members)
  // Older lines whose keys collide with a late one's may be of one event among themselves: of these the file shows the newest.
  const winnersBelow = locations.firstOf(late.length)
  const keys = { locations, sizes: planSizes(deps.keysInMemoryMax), winnersBelow }
  for (const touched of touchedBatches(older, lines, Math.ceil(deps.keysInMemoryMax / 2))) {
    const records = await readTouched(deps, touched)
    const candidates = await match(deps, lines.records, records, (place) => late.length + place)
    if (candidates.count > 0) await settleDuplicates(deps, members, keys, candidates, losing)
  }
  return older.flatMap((member, place) => {
    const replaced = losing.of(late.length + place)
    return replaced === undefined ? [] : [{ member, lines: replaced }]
  })
}

function keep(found: Map<string, ReplacedLines>, { member, lines }: ReplacedLines): void {
  const key = `${member.segmentId}/${member.ordinal}`
  found.set(key, { member, lines: joinLines(lines, found.get(key)?.lines) })
}

async function match(
  deps: FindReplacedDeps,
  late: OwnedRecords,
  older: OwnedRecords,
  memberOfOlder: (place: number) => number,
): Promise<CandidateGroups> {
  const input = { late: late.bytes.slice(), older: older.bytes }
  const moved = [input.late.buffer, input.older.buffer]
  const { groups } = await deps.run<MatchKeysInput, MatchedKeys>('matchKeys', input, moved)
  const candidates = new CandidateGroups()
  for (let at = 0, group = 0; at < groups.length; group++) {
    at = candidates.add(groups, at, (place) => memberOfOlder(older.memberOf(place)), group)
    at = candidates.add(groups, at, (place) => late.memberOf(place), group)
  }
  return candidates
}

/** Neighbours together as long as they have no more than so many events; a larger member alone. */
function* lateBatches(late: readonly Member[], eventsMax: number): Generator<Member[]> {
  let batch: Member[] = []
  let events = 0
  for (const member of late) {
    if (batch.length > 0 && events + member.eventCount > eventsMax) {
      yield batch
      batch = []
      events = 0
    }
    batch.push(member)
    events += member.eventCount
  }
  if (batch.length > 0) yield batch
}
