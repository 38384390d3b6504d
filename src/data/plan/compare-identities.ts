/** Thread task: of candidates whose events really are the same, those that are not the newest. */
import { readSync } from 'node:fs'
import type { Bucket } from './buckets.ts'
import { eachIdentity, type VisitIdentity } from './identity-row.ts'

export interface CompareIdentitiesInput {
  /** Rows of identity-row.ts. */
  bucket: Bucket
  /** Of the spool. */
  fd: number
  /** Losers that an earlier call with the same input gave: it finds the same ones in the same order. */
  skip: number
  losersMax: number
  /** Only lines that lose against one of a smaller location than this count; undefined: all that lose. */
  winnersBelow?: number | undefined
}

export interface ComparedIdentities {
  /** Locations of lines that lose against a newer one. */
  losers: Uint32Array<ArrayBuffer>
  /** False where it stopped at `losersMax`, and another call has to go on. */
  isWhole: boolean
}

/** Holds each different event once, however many lines there are of it. */
export function compareIdentities(input: CompareIdentitiesInput): ComparedIdentities {
  const newest = new Map<string, Newness>()
  // Of each row, so that no event is looked up again.
  const locations: number[] = []
  const winners: Newness[] = []
  eachRow(input, (event, location, commit, rank) => {
    const line = { location, commit, rank }
    const known = newest.get(event)
    if (known === undefined) newest.set(event, line)
    else if (isNewer(line, known)) Object.assign(known, line)
    locations.push(location)
    winners.push(known ?? line)
  })
  const losers: number[] = []
  let seen = 0
  const { winnersBelow = Number.POSITIVE_INFINITY } = input
  for (const [index, location] of locations.entries()) {
    const winner = (winners[index] as Newness).location
    if (winner === location || winner >= winnersBelow) continue
    seen += 1
    if (seen > input.skip && losers.length < input.losersMax) losers.push(location)
  }
  return { losers: Uint32Array.from(losers), isWhole: seen <= input.skip + input.losersMax }
}

interface Newness {
  location: number
  commit: number
  rank: number
}

/** As EventStore.readLineCommits says; in a member the line of the greater location stands later. */
function isNewer(line: Newness, than: Newness): boolean {
  return (line.commit - than.commit || line.rank - than.rank || line.location - than.location) > 0
}

function eachRow({ bucket, fd }: CompareIdentitiesInput, visit: VisitIdentity): void {
  for (const { buffer, byteOffset, length } of bucket.pieces) {
    eachIdentity(Buffer.from(buffer, byteOffset, length), visit)
  }
  for (const { offset, length } of bucket.extents) eachIdentity(readExtent(fd, offset, length), visit)
}

function readExtent(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let done = 0; done < length; ) {
    const count = readSync(fd, bytes, done, length - done, offset + done)
    if (count === 0) throw new Error('the spool ends before its last row')
    done += count
  }
  return bytes
}
