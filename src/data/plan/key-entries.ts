/**
 * In planning an entry stands for a line: 8 bytes of what its dedup record says in 20, as two numbers of 32 bits.
 *
 *   first    the second word of the key
 *   second   below, the line's location (locations.ts); above, where bits are left, bits of the key's third word
 *
 * The partition that an entry is in says the first bits of its key's first word. Two lines whose keys differ are taken
 * for candidates by mistake only where all these bits are equal (47 of them in a folder of 100 million lines: some
 * forty pairs); candidates are then compared in full, so such a mistake costs time and nothing else.
 *
 * Keys are hashes: their bits are as good as random, and partitions as good as equally large.
 */
import type { PlanSizes } from './plan-sizes.ts'

export const entryWords = 2
export const entryBytes = entryWords * 4

export interface EntryLayout {
  /** Bits of the key that choose the partition; there are 2 to that power. */
  partitionBits: number
  /** Bits that the location of any line fits in. */
  locationBits: number
}

export function entryLayout(
  lineCount: number,
  { partitionKeys, partitionBitsMax }: Pick<PlanSizes, 'partitionKeys' | 'partitionBitsMax'>,
): EntryLayout {
  return {
    partitionBits: Math.min(partitionBitsMax, bitsFor(lineCount / partitionKeys)),
    locationBits: bitsFor(lineCount),
  }
}

/** The bits of an entry's second number that are of the key. */
export function keyBitsMask({ locationBits }: EntryLayout): number {
  return locationBits === 32 ? 0 : -(2 ** locationBits) | 0
}

function bitsFor(count: number): number {
  return Math.max(0, Math.ceil(Math.log2(count)))
}
