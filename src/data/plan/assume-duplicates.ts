/**
 * Which lines of a folder lose, by their dedup keys alone, for an export that opens the members which hold them anyway: it
 * reads the identities of candidates beside that, instead of opening each member twice.
 *
 *   assumed ──export writes its files──▶ asked of every candidate ──same lines lose──▶ proven: `complete`
 *                                                                └──others do───────▶ written anew, as findDuplicates says
 *
 * No folder is complete before identities have been compared in full, so that a hash collision never drops an event
 * (invariant 6). What is kept until then are 16 bytes a candidate; where that is too much, identities are compared at once.
 */
import { workThrough } from '../../work-through.ts'
import type { Member } from '../store/member.ts'
import type { BucketRows } from './buckets.ts'
import { type FindDuplicatesDeps, searchDuplicates } from './find-duplicates.ts'
import { LosingLines } from './losing-lines.ts'
import type { ReadCandidateKeysInput } from './read-candidate-keys.ts'
import type { AskedLines } from './read-identities.ts'
import {
  compareBuckets,
  identityBuckets,
  readIdentities,
  type SettleDeps,
  type SettleKeys,
  settleDuplicates,
} from './settle-duplicates.ts'

export interface AssumedDuplicates {
  losing: LosingLines
  /** Undefined: identities have been compared already. */
  unproven?: Unproven
}

/** What has to be asked before assumed duplicates count. */
export interface Unproven {
  members: readonly Member[]
  keys: SettleKeys
  candidateCount: number
  /** By member; candidates of some members come in two parts. */
  asked: Map<Member, AskedLines[]>
  assumed: LosingLines
}

const askedBytes = 16

export async function assumeDuplicates(
  deps: FindDuplicatesDeps,
  members: Member[],
): Promise<AssumedDuplicates> {
  let unproven: Unproven | undefined
  const losing = await searchDuplicates(deps, members, async ({ keys, candidates, losing, spool }) => {
    const isKept = candidates.count * askedBytes <= keys.sizes.identityBytes
    const asked = new Map<Member, AskedLines[]>()
    const readKeys = async (member: Member, lines: AskedLines): Promise<BucketRows> => {
      asked.set(member, [...(asked.get(member) ?? []), lines])
      const records = await deps.store.readDedupRecords(member, 0, member.eventCount)
      const input = { ...lines, records }
      return await deps.run<ReadCandidateKeysInput, BucketRows>('readCandidateKeys', input, [records.buffer])
    }
    const settling = isKept ? readKeys : undefined
    await settleDuplicates({ ...deps, spool }, members, keys, candidates, losing, settling)
    if (isKept) unproven = { members, keys, candidateCount: candidates.count, asked, assumed: losing }
  })
  return { losing, ...(unproven === undefined ? {} : { unproven }) }
}

export interface Proof {
  /** What must be answered of the member by whoever opens it; asked once. */
  take(member: Member): AskedLines[] | undefined
  /** The identities of lines that were taken, as rows. */
  answer(rows: BucketRows): Promise<void>
  /** Whether the assumed lines are those that lose. Opens the members that nobody has taken. */
  prove(): Promise<boolean>
  /** Resolves when nothing of it uses the spool any more. */
  end(): Promise<void>
}

const membersAtOnce = 4

/**
 * @param unproven is used up
 * @param opened members that somebody is going to take; the others are opened at once, beside whatever else is done
 */
export function openProof(
  { signal, ...deps }: SettleDeps,
  unproven: Unproven,
  opened: ReadonlySet<Member>,
): Proof {
  const { members, keys, candidateCount, asked, assumed } = unproven
  const identities = identityBuckets(deps.spool, keys, candidateCount)
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  const takeAll = (parts: [Member, AskedLines[]][]) => {
    for (const [member] of parts) asked.delete(member)
    return workThrough({
      items: parts.flatMap(([member, lines]) => lines.map((of) => ({ member, lines: of }))),
      atOnceMax: membersAtOnce,
      signal: until,
      work: async ({ member, lines }) => identities.add(await readIdentities(deps, member, lines)),
    })
  }
  const beside = takeAll([...asked].filter(([member]) => !opened.has(member)))
  // It fails when it is proven.
  beside.catch(() => undefined)
  return {
    take: (member) => {
      const lines = asked.get(member)
      asked.delete(member)
      return lines
    },
    answer: (rows) => identities.add(rows),
    prove: async () => {
      await beside
      await takeAll([...asked])
      const losing = new LosingLines(members)
      await compareBuckets({ ...deps, signal: until }, identities, keys, losing)
      return losing.equals(assumed)
    },
    end: async () => {
      ended.abort()
      await beside.catch(() => undefined)
    },
  }
}
