import { releaseBytes } from '../release-bytes.ts'
import { entryWords } from './key-entries.ts'

/** Entries of a chunk, ordered by partition. */
export interface EntryBlock {
  /** Where each partition starts, counted in entries; after the last, how many there are. */
  starts: Uint32Array
  /** The entries, or the byte of the spool where they begin. */
  source: Uint32Array<ArrayBuffer> | number
}

/** Neighbouring partitions as they stand in every block. */
export interface PartitionCut {
  partitions: number
  /** Block after block: where each of the partitions starts, counted in entries of the block; after the last, its end. */
  starts: Uint32Array<ArrayBuffer>
  /** Per block the byte of the spool where it begins. */
  spoolOffsets: Float64Array<ArrayBuffer>
  /** Where blocks are kept in memory: a copy of the entries of these partitions, block after block. */
  entries: Uint32Array<ArrayBuffer> | undefined
}

/** Cuts the partitions `from` up to, not including, `to`. */
export function cutPartitions(blocks: readonly EntryBlock[], from: number, to: number): PartitionCut {
  const width = to - from + 1
  const starts = new Uint32Array(blocks.length * width)
  for (const [index, block] of blocks.entries())
    starts.set(block.starts.subarray(from, to + 1), index * width)
  return {
    partitions: to - from,
    starts,
    spoolOffsets: Float64Array.from(blocks, ({ source }) => (typeof source === 'number' ? source : 0)),
    entries: blocks.some(({ source }) => typeof source === 'number') ? undefined : copy(blocks, from, to),
  }
}

/** What of a cut goes to a thread without being copied. */
export function buffersOfCut({ starts, spoolOffsets, entries }: PartitionCut): ArrayBuffer[] {
  return [starts.buffer, spoolOffsets.buffer, ...(entries === undefined ? [] : [entries.buffer])]
}

/** Gives the memory of blocks back. */
export function releaseBlocks(blocks: readonly EntryBlock[]): void {
  for (const { source } of blocks) if (typeof source !== 'number') releaseBytes(source)
}

function copy(blocks: readonly EntryBlock[], from: number, to: number): Uint32Array<ArrayBuffer> {
  const parts = blocks.flatMap(({ starts, source }) =>
    typeof source === 'number'
      ? []
      : [source.subarray((starts[from] ?? 0) * entryWords, (starts[to] ?? 0) * entryWords)],
  )
  const entries = new Uint32Array(parts.reduce((length, part) => length + part.length, 0))
  let end = 0
  for (const part of parts) {
    entries.set(part, end)
    end += part.length
  }
  return entries
}
