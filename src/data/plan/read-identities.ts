/** Thread task: the identities of a member's candidates. */
import type { CommitNumber } from '../../ids.ts'
import { createLineIdentity } from '../ingest/scan/scanned-line-identity.ts'
import { releaseBytes } from '../release-bytes.ts'
import { lineFinder, openMember } from '../store/open-member.ts'
import type { BucketRows } from './buckets.ts'
import { encodeIdentity } from './identity-row.ts'

export interface ReadIdentitiesInput {
  gzip: Uint8Array<ArrayBuffer>
  /** Uncompressed. */
  rawBytes: number
  /** Of the member, among those with lines of the same commits. */
  rank: number
  /** Location of the member's first line. */
  firstLocation: number
  /** The candidates, ascending. */
  lines: Uint32Array<ArrayBuffer>
  /** The group of each. */
  groups: Uint32Array<ArrayBuffer>
  /** The commit that each came with. */
  commits: Float64Array<ArrayBuffer>
  bucketCount: number
}

/** Identities as rows (identity-row.ts): lines of a group are in one bucket. */
export function readIdentities(input: ReadIdentitiesInput): BucketRows {
  const { gzip, rawBytes, rank, firstLocation, lines, groups, commits, bucketCount } = input
  const buckets: Uint8Array[][] = Array.from({ length: bucketCount }, () => [])
  const opened = openMember(gzip, rawBytes)
  const lineAt = lineFinder(opened)
  const identityOf = createLineIdentity(opened)
  for (const [index, line] of lines.entries()) {
    const group = groups[index] as number
    const commit = commits[index] as CommitNumber
    const { from, to } = lineAt(line)
    const identity = identityOf(from, to)
    const row = { location: firstLocation + line, commit, rank, group, identity }
    buckets[group % bucketCount]?.push(encodeIdentity(row))
  }
  releaseBytes(gzip, opened)
  let end = 0
  const ends = Uint32Array.from(buckets, (rows) => {
    for (const row of rows) end += row.length
    return end
  })
  return { bytes: new Uint8Array(Buffer.concat(buckets.flat())), ends }
}
