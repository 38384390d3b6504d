import type { Spool } from '../spool.ts'
import type { Bucket } from './buckets.ts'
import { eachCandidate } from './candidate-rows.ts'
import type { FoundCandidates } from './find-candidates.ts'
import type { Locations } from './locations.ts'

/** Neighbouring lines of one member, some of which are candidates. */
export interface MemberCandidates {
  memberIndex: number
  fromLine: number
  /** Per line: 0 where it is no candidate, else the number of its group and 1 more. */
  groups: Uint32Array<ArrayBuffer>
}

/** The members that hold candidates, in order. A member whose lines two buckets share may come twice. */
export async function* candidateMembers(
  spool: Spool,
  { buckets, locationBits }: FoundCandidates,
  locations: Locations,
): AsyncGenerator<MemberCandidates> {
  const width = 2 ** locationBits
  for (let index = 0; index < buckets.count; index++) {
    const bucket = buckets.take(index)
    if (bucket.pieces.length === 0 && bucket.extents.length === 0) continue
    const from = index * width
    const groups = new Uint32Array(Math.min(width, locations.count - from))
    await eachRow(spool, bucket, (location, group) => {
      groups[location - from] = group + 1
    })
    yield* membersOf(groups, from, locations)
  }
}

async function eachRow(
  spool: Spool,
  { pieces, extents }: Bucket,
  visit: (location: number, group: number) => void,
): Promise<void> {
  for (const piece of pieces) eachCandidate(piece, visit)
  for (const { offset, length } of extents) eachCandidate(await spool.read(offset, length), visit)
}

function* membersOf(
  groups: Uint32Array<ArrayBuffer>,
  from: number,
  locations: Locations,
): Generator<MemberCandidates> {
  const to = from + groups.length
  for (let memberIndex = locations.memberOf(from); locations.firstOf(memberIndex) < to; memberIndex++) {
    const first = locations.firstOf(memberIndex)
    const start = Math.max(from, first)
    const ofMember = groups.slice(start - from, Math.min(to, locations.firstOf(memberIndex + 1)) - from)
    if (ofMember.some((group) => group !== 0))
      yield { memberIndex, fromLine: start - first, groups: ofMember }
  }
}
