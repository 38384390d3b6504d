import { releaseBytes } from '../release-bytes.ts'
import type { Spool } from '../spool.ts'
import type { Bucket } from './buckets.ts'
import { eachCandidate } from './candidate-rows.ts'
import type { FoundCandidates } from './find-candidates.ts'
import type { Locations } from './locations.ts'

/** Candidates of one member. */
export interface MemberCandidates {
  memberIndex: number
  /** Ascending. */
  lines: Uint32Array<ArrayBuffer>
  /** The group of each. */
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
    // Per location: 0 where it is no candidate, else the number of its group and 1 more.
    const marked = new Uint32Array(Math.min(width, locations.count - from))
    await eachRow(spool, bucket, (location, group) => {
      marked[location - from] = group + 1
    })
    yield* membersOf(marked, from, locations)
    releaseBytes(marked)
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

function* membersOf(marked: Uint32Array, from: number, locations: Locations): Generator<MemberCandidates> {
  const lines: number[] = []
  const groups: number[] = []
  for (let at = 0, memberIndex = locations.memberOf(from); at < marked.length; memberIndex++) {
    const first = locations.firstOf(memberIndex) - from
    const end = Math.min(marked.length, locations.firstOf(memberIndex + 1) - from)
    for (; at < end; at++) {
      const mark = marked[at] as number
      if (mark === 0) continue
      lines.push(at - first)
      groups.push(mark - 1)
    }
    if (lines.length === 0) continue
    yield { memberIndex, lines: Uint32Array.from(lines), groups: Uint32Array.from(groups) }
    lines.length = 0
    groups.length = 0
  }
}
