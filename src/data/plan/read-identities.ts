/** Thread task: the identities of a member's candidates. */
import type { CommitNumber } from '../../ids.ts'
import { lineIdentity } from '../ingest/line-identity.ts'
import { eachLine, openMember } from '../store/open-member.ts'
import type { BucketRows } from './buckets.ts'
import { encodeIdentity } from './identity-row.ts'

export interface ReadIdentitiesInput {
  gzip: Uint8Array<ArrayBuffer>
  /** Of the member, among those with lines of the same commits. */
  rank: number
  /** Location of the member's first line. */
  firstLocation: number
  /** The first line that `groups` is about. */
  fromLine: number
  /** Per line: 0 where it is no candidate, else the number of its group and 1 more. */
  groups: Uint32Array<ArrayBuffer>
  /** Per line of `groups` the commit that it came with. */
  commits: Float64Array<ArrayBuffer>
  bucketCount: number
}

/** Identities as rows (identity-row.ts): lines of a group are in one bucket. */
export function readIdentities(input: ReadIdentitiesInput): BucketRows {
  const { gzip, rank, firstLocation, fromLine, groups, commits, bucketCount } = input
  const buckets: Uint8Array[][] = Array.from({ length: bucketCount }, () => [])
  let line = 0
  for (const bytes of eachLine(openMember(gzip))) {
    if (line >= fromLine + groups.length) break
    const group = (groups[line - fromLine] ?? 0) - 1
    if (group >= 0) {
      const commit = commits[line - fromLine] as CommitNumber
      const row = { location: firstLocation + line, commit, rank, group, identity: lineIdentity(bytes) }
      buckets[group % bucketCount]?.push(encodeIdentity(row))
    }
    line += 1
  }
  let end = 0
  const ends = Uint32Array.from(buckets, (rows) => {
    for (const row of rows) end += row.length
    return end
  })
  return { bytes: new Uint8Array(Buffer.concat(buckets.flat())), ends }
}
