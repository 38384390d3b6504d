/** Thread task: the identities of a member's candidates. */
import type { CommitNumber } from '../../ids.ts'
import { createLineIdentity } from '../ingest/scan/scanned-line-identity.ts'
import { releaseBytes } from '../release-bytes.ts'
import { lineFinder, openMember } from '../store/open-member.ts'
import type { BucketRows } from './buckets.ts'
import { rowBytes, writeRow } from './identity-row.ts'

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
  const identities = Array.from(lines, identityOf)
  const lengths = identities.map(rowBytes)
  const { places, ends } = arrangeBuckets(lengths, groups, bucketCount)
  // In memory of its own: it goes to another thread.
  const bytes = Buffer.allocUnsafeSlow(ends.at(-1) ?? 0)
  for (const [index, identity] of identities.entries()) {
    const group = groups[index] as number
    const row = {
      location: firstLocation + (lines[index] as number),
      commit: commits[index] as CommitNumber,
      ...{ rank, group, identity },
    }
    writeRow(bytes, places[index] as number, row, lengths[index] as number)
  }
  return { bytes, ends }
}

/** Where each row stands, and where each bucket's end. */
function arrangeBuckets(lengths: readonly number[], groups: Uint32Array, bucketCount: number) {
  const next = new Uint32Array(bucketCount)
  for (const [index, length] of lengths.entries()) {
    const bucket = (groups[index] as number) % bucketCount
    next[bucket] = (next[bucket] as number) + length
  }
  let end = 0
  const ends = next.map((length) => {
    end += length
    return end
  })
  for (const [bucket, bucketEnd] of ends.entries()) next[bucket] = bucketEnd - (next[bucket] as number)
  const places = lengths.map((length, index) => {
    const bucket = (groups[index] as number) % bucketCount
    const place = next[bucket] as number
    next[bucket] = place + length
    return place
  })
  return { places, ends }
}
