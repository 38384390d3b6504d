import type { RunInThread } from '../../threads/pool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import type { DuplicateCandidates } from './duplicate-candidates.ts'
import type { LosingLines } from './losing-lines.ts'
import type { ReadIdentitiesInput } from './read-identities.ts'

export interface SettleDeps {
  store: Pick<EventStore, 'readMember'>
  run: RunInThread
  signal: AbortSignal
}

/** Of lines with equal keys, those whose events really are the same lose, but for the newest of them. */
export async function settleDuplicates(
  deps: SettleDeps,
  members: Member[],
  candidates: DuplicateCandidates,
  losing: LosingLines,
): Promise<void> {
  const { memberIndexes, lines, groups } = candidates
  const oldestFirst = Uint32Array.from(lines, (_, place) => place).sort(
    (a, b) => (memberIndexes[a] ?? 0) - (memberIndexes[b] ?? 0) || (lines[a] ?? 0) - (lines[b] ?? 0),
  )
  const identities = await readIdentities(deps, members, candidates, oldestFirst)
  const seen = new Set<number>()
  for (const place of oldestFirst.toReversed()) {
    // An identity may stand in two groups only by way of two keys, which is no duplicate: count it apart.
    const event = (groups[place] ?? 0) * candidates.count + (identities[place] ?? 0)
    if (seen.has(event)) losing.add(memberIndexes[place] ?? 0, lines[place] ?? 0)
    seen.add(event)
  }
}

/** A number for each line, equal where the identities are. Opens each member that holds one of the lines, once. */
async function readIdentities(
  deps: SettleDeps,
  members: Member[],
  { memberIndexes, lines, count }: DuplicateCandidates,
  oldestFirst: Uint32Array,
): Promise<Uint32Array> {
  const numbers = new Uint32Array(count)
  const known = new Map<string, number>()
  for (let start = 0; start < count; ) {
    deps.signal.throwIfAborted()
    const memberIndex = memberIndexes[oldestFirst[start] ?? 0] ?? 0
    let end = start
    while (end < count && memberIndexes[oldestFirst[end] ?? 0] === memberIndex) end++
    const places = oldestFirst.subarray(start, end)
    const gzip = await deps.store.readMember(members[memberIndex] as Member)
    const found = await deps.run<ReadIdentitiesInput, string[]>(
      'readIdentities',
      { gzip, lines: Uint32Array.from(places, (place) => lines[place] ?? 0) },
      [gzip.buffer],
    )
    for (const [index, identity] of found.entries()) {
      const number = known.get(identity) ?? known.size
      known.set(identity, number)
      numbers[places[index] ?? 0] = number
    }
    start = end
  }
  return numbers
}
