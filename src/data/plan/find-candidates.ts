/** Finds the lines of a folder whose keys look equal, a few partitions at a time. The blocks' memory is given back. */
import { workThrough } from '../../work-through.ts'
import { Buckets } from './buckets.ts'
import { type CandidateBuckets, candidateRowBytes } from './candidate-rows.ts'
import { buffersOfCut, cutPartitions, type EntryBlock, releaseBlocks } from './entry-blocks.ts'
import type { FolderKeys } from './folder-keys.ts'
import type { MatchEntriesInput, MatchedEntries } from './match-entries.ts'
import type { ScanDeps } from './scan-keys.ts'

export interface FoundCandidates {
  count: number
  /** Each has the candidates of `2 ** locationBits` neighbouring locations. */
  buckets: Buckets
  locationBits: number
}

const tasksAtOnce = 3
/** A partition may be so many times larger than the average before it is gone through more than once. */
const partitionGrowth = 2
const filterBitsPerKey = 16

export async function findCandidates(
  deps: ScanDeps,
  blocks: EntryBlock[],
  { locations, layout, sizes }: FolderKeys,
): Promise<FoundCandidates> {
  const locationBits = Math.floor(Math.log2(sizes.bucketLines))
  const bucketing: CandidateBuckets = { locationBits, count: Math.ceil(locations.count / 2 ** locationBits) }
  const buckets = new Buckets(deps.spool, bucketing.count, sizes.bucketLines * candidateRowBytes)
  let count = 0
  const matching = {
    layout,
    fd: deps.spool.fd,
    heldMax: sizes.matchEntries,
    filterBitsMax: sizes.partitionKeys * partitionGrowth * filterBitsPerKey,
    buckets: bucketing,
    candidatesMax: sizes.matchEntries,
  }
  await workThrough({
    items: partitionRanges(blocks, 2 ** layout.partitionBits, sizes.matchEntries),
    atOnceMax: tasksAtOnce,
    signal: deps.signal,
    work: async (range, signal) => {
      for (let isWhole = false, skip = 0; !isWhole; ) {
        signal.throwIfAborted()
        const cut = cutPartitions(blocks, range.from, range.to)
        const moved = buffersOfCut(cut)
        const input = { ...matching, cut, firstGroup: range.firstGroup, skip }
        const found = await deps.run<MatchEntriesInput, MatchedEntries>('matchEntries', input, moved)
        await buckets.add(found.candidates)
        count += found.count
        skip += found.count
        isWhole = found.isWhole
      }
    },
  })
  releaseBlocks(blocks)
  return { count, buckets, locationBits }
}

/** Partitions `from` up to, not including, `to`. */
interface PartitionRange {
  from: number
  to: number
  /** There are at most half as many groups as entries. */
  firstGroup: number
}

/** Neighbouring partitions that are matched together: of about `entriesMax` entries, or one that is larger. */
function* partitionRanges(
  blocks: EntryBlock[],
  partitionCount: number,
  entriesMax: number,
): Generator<PartitionRange> {
  const entriesUpTo = countEntries(blocks, partitionCount)
  for (let from = 0; from < partitionCount; ) {
    let to = from + 1
    while (to < partitionCount && entryCount(entriesUpTo, from, to + 1) <= entriesMax) to++
    yield { from, to, firstGroup: Math.floor((entriesUpTo[from] ?? 0) / 2) }
    from = to
  }
}

/** How many entries there are before each partition. */
function countEntries(blocks: EntryBlock[], partitionCount: number): Float64Array {
  const upTo = new Float64Array(partitionCount + 1)
  for (const { starts } of blocks) {
    for (let partition = 0; partition <= partitionCount; partition++) {
      upTo[partition] = (upTo[partition] as number) + (starts[partition] as number)
    }
  }
  return upTo
}

function entryCount(upTo: Float64Array, from: number, to: number): number {
  return (upTo[to] ?? 0) - (upTo[from] ?? 0)
}
