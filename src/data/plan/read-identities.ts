/** Thread task: the identities of a member's candidates. */
import type { CommitNumber } from '../../ids.ts'
import { createLineIdentity } from '../ingest/scan/scanned-line-identity.ts'
import { releaseBytes } from '../release-bytes.ts'
import { lineFinder, openMember } from '../store/open-member.ts'
import type { BucketRows } from './buckets.ts'
import { encodeIdentity } from './identity-row.ts'

/** Lines of a member whose identities are asked for. */
export interface AskedLines {
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

export interface ReadIdentitiesInput extends AskedLines {
  gzip: Uint8Array<ArrayBuffer>
  /** Uncompressed. */
  rawBytes: number
}

export function readIdentities({ gzip, rawBytes, ...asked }: ReadIdentitiesInput): BucketRows {
  const opened = openMember(gzip, rawBytes)
  const rows = identityRows(opened, asked)
  releaseBytes(gzip, opened)
  return rows
}

/** The same of a member that is open. */
export function identityRows(opened: Buffer, asked: AskedLines): BucketRows {
  const lineAt = lineFinder(opened)
  const identityOf = createLineIdentity(opened)
  return rowsOf(asked, (line) => {
    const { from, to } = lineAt(line)
    return identityOf(from, to)
  })
}

/** Rows of identity-row.ts, those of a group in one bucket. */
export function rowsOf(
  { rank, firstLocation, lines, groups, commits, bucketCount }: AskedLines,
  identityOf: (line: number) => string,
): BucketRows {
  const buckets: Uint8Array[][] = Array.from({ length: bucketCount }, () => [])
  for (const [index, line] of lines.entries()) {
    const group = groups[index] as number
    const commit = commits[index] as CommitNumber
    const row = { location: firstLocation + line, commit, rank, group, identity: identityOf(line) }
    buckets[group % bucketCount]?.push(encodeIdentity(row))
  }
  let end = 0
  const ends = Uint32Array.from(buckets, (rows) => {
    for (const row of rows) end += row.length
    return end
  })
  return { bytes: new Uint8Array(Buffer.concat(buckets.flat())), ends }
}
