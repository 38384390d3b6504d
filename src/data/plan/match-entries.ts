/** Thread task: finds the lines of some partitions whose keys look equal. */

import type { BucketRows } from './buckets.ts'
import { type CandidateBuckets, CandidateRows } from './candidate-rows.ts'
import { type EntryLayout, entryWords, keyBitsMask } from './key-entries.ts'
import { KeyTable } from './key-table.ts'
import { PartitionReader, type PartitionsInput } from './partition-reader.ts'
import { TwiceFilter } from './twice-filter.ts'

export interface MatchEntriesInput extends PartitionsInput {
  layout: EntryLayout
  filterBitsMax: number
  /** The first group's number; there are at most half as many groups as entries. */
  firstGroup: number
  buckets: CandidateBuckets
  /** Candidates that an earlier call with the same input gave: it finds the same ones in the same order. */
  skip: number
  candidatesMax: number
}

export interface MatchedEntries {
  candidates: BucketRows
  count: number
  /** False where it stopped at `candidatesMax`, and another call has to go on. */
  isWhole: boolean
}

/** Few enough to stay in the nearest cache from one step to the next. */
const sliceEntries = 2048

export function matchEntries(input: MatchEntriesInput): MatchedEntries {
  const found = new CandidateRows(input.skip, input.candidatesMax)
  const reader = new PartitionReader(input)
  const filter = new TwiceFilter(input.filterBitsMax)
  const table = new KeyTable()
  let group = input.firstGroup
  for (let partition = 0; partition < reader.partitions && !found.isFull; partition++) {
    group = matchPartition(
      { reader, filter, table, found, keyMask: keyBitsMask(input.layout) },
      partition,
      group,
    )
  }
  reader.release()
  return { candidates: found.toBuckets(input.buckets), count: found.count, isWhole: !found.isFull }
}

interface Match {
  reader: PartitionReader
  filter: TwiceFilter
  table: KeyTable
  found: CandidateRows
  /** Of an entry's second number, the bits that are of the key. */
  keyMask: number
}

/**
 * Three times through the entries: the first tells which keys may have come twice, the second counts those, and only
 * where one did, the third takes its lines. Gives the next free group.
 */
function matchPartition(
  { reader, filter, table, found, keyMask }: Match,
  partition: number,
  firstGroup: number,
): number {
  const selected = new Uint32Array(sliceEntries * entryWords)
  const eachSelected = (visit: (first: number, second: number) => void): void =>
    reader.eachSlice(partition, sliceEntries, (entries, from, to) => {
      const end = filter.select(entries, from, to, selected) * entryWords
      for (let at = 0; at < end; at += entryWords) visit(selected[at] as number, selected[at + 1] as number)
    })
  let nextGroup = firstGroup
  const passes = filter.prepare(reader.entriesOf(partition))
  for (let pass = 0; pass < passes; pass++) {
    filter.startPass(pass)
    table.clear()
    reader.eachSlice(partition, sliceEntries, (entries, from, to) => filter.mark(entries, from, to))
    eachSelected((first, second) => table.add(first, (second & keyMask) >>> 0))
    if (table.twice === 0) continue
    eachSelected((first, second) => {
      const group = table.groupOf(first, (second & keyMask) >>> 0, nextGroup)
      if (group === undefined) return
      if (group === nextGroup) nextGroup += 1
      found.add((second & ~keyMask) >>> 0, group)
    })
  }
  return nextGroup
}
