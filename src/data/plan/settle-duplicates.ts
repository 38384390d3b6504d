/**
 * Of candidates, those whose events really are the same lose, but for the newest of them. A member that holds one is
 * opened once (twice where two buckets share it), and the identities of its candidates wait until those of their groups
 * are all there: in memory while they are few, else in the spool.
 */
import type { RunInThread } from '../../threads/pool.ts'
import { workThrough } from '../../work-through.ts'
import type { Spool } from '../spool.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { type BucketRows, Buckets } from './buckets.ts'
import type { MemberCandidates } from './candidate-members.ts'
import type { ComparedIdentities, CompareIdentitiesInput } from './compare-identities.ts'
import type { FolderKeys } from './folder-keys.ts'
import type { LosingLines } from './losing-lines.ts'
import type { AskedLines, ReadIdentitiesInput } from './read-identities.ts'

export interface Candidates {
  /** About how many: decides how much of the identities is compared at once. */
  count: number
  members: Iterable<MemberCandidates> | AsyncIterable<MemberCandidates>
}

export interface SettleDeps {
  store: Pick<EventStore, 'readMember' | 'readLineCommits'>
  run: RunInThread
  spool: Spool
  signal: AbortSignal
}

const membersAtOnce = 4
const bucketsAtOnce = 2
/** `winnersBelow`: only lines that lose against one of a smaller location than this count; without it, all that lose. */
export type SettleKeys = Pick<FolderKeys, 'locations' | 'sizes'> & { winnersBelow?: number }
/** About what the row of an identity takes. */
const identityRowBytes = 160

/** What of a member's candidates is compared, as rows. What it is given is used up. */
export type ReadRows = (member: Member, asked: AskedLines) => Promise<BucketRows>

/** @param readRows their identities; keys, where they are taken at their word */
export async function settleDuplicates(
  deps: SettleDeps,
  members: readonly Member[],
  keys: SettleKeys,
  candidates: Candidates,
  losing: LosingLines,
  readRows: ReadRows = (member, asked) => readIdentities(deps, member, asked),
): Promise<void> {
  const identities = identityBuckets(deps.spool, keys, candidates.count)
  await workThrough({
    items: candidates.members,
    atOnceMax: membersAtOnce,
    signal: deps.signal,
    work: async ({ memberIndex, lines, groups }) => {
      const member = members[memberIndex] as Member
      const commitOf = await deps.store.readLineCommits(member)
      const asked = {
        ...{ lines, groups, commits: Float64Array.from(lines, commitOf), bucketCount: identities.count },
        rank: member.rank,
        firstLocation: keys.locations.firstOf(memberIndex),
      }
      await identities.add(await readRows(member, asked))
    },
  })
  await compareBuckets(deps, identities, keys, losing)
}

/** So many that the rows of one can be compared at once. */
export function identityBuckets(spool: Spool, { sizes }: SettleKeys, candidateCount: number): Buckets {
  const { identityBytes } = sizes
  const count = Math.max(1, Math.ceil((candidateCount * identityRowBytes) / identityBytes))
  return new Buckets(spool, count, identityBytes)
}

export async function readIdentities(
  { store, run }: Pick<SettleDeps, 'store' | 'run'>,
  member: Member,
  asked: AskedLines,
): Promise<BucketRows> {
  const gzip = await store.readMember(member)
  const input = { ...asked, gzip, rawBytes: member.rawBytes }
  const moved = [gzip.buffer, asked.lines.buffer, asked.groups.buffer, asked.commits.buffer]
  return await run<ReadIdentitiesInput, BucketRows>('readIdentities', input, moved)
}

/** Adds the lines that lose by these rows. */
export function compareBuckets(
  deps: Omit<SettleDeps, 'store'>,
  identities: Buckets,
  keys: SettleKeys,
  losing: LosingLines,
): Promise<void> {
  return workThrough({
    items: Array(identities.count).keys(),
    atOnceMax: bucketsAtOnce,
    signal: deps.signal,
    work: (index) => compareBucket(deps, identities, index, keys, losing),
  })
}

async function compareBucket(
  { run, spool, signal }: Omit<SettleDeps, 'store'>,
  identities: Buckets,
  index: number,
  { locations, sizes, winnersBelow }: SettleKeys,
  losing: LosingLines,
): Promise<void> {
  // Copies: a view that goes to a thread takes the whole buffer along that it looks at.
  const { pieces, extents } = identities.take(index)
  const bucket = { pieces: pieces.map((piece) => piece.slice()), extents }
  for (let isWhole = false, skip = 0; !isWhole; ) {
    signal.throwIfAborted()
    const input = { bucket, fd: spool.fd, skip, losersMax: sizes.bucketLines, winnersBelow }
    const compared = await run<CompareIdentitiesInput, ComparedIdentities>('compareIdentities', input)
    for (const location of compared.losers) {
      const memberIndex = locations.memberOf(location)
      losing.add(memberIndex, location - locations.firstOf(memberIndex))
    }
    skip += compared.losers.length
    isWhole = compared.isWhole
  }
}
