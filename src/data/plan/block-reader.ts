import { readSync } from 'node:fs'
import { releaseBytes } from '../release-bytes.ts'
import { entryBytes, entryWords } from './key-entries.ts'

/** The entries of neighbouring partitions, as they stand in each block. */
export interface BlocksInput {
  blocks: BlockPart[]
  /** Of the spool. */
  fd: number
  /** Entries of spooled blocks that may be held in memory. */
  heldMax: number
}

/** Entries of a chunk, ordered by partition: all of them or those of some neighbouring partitions. */
export interface BlockPart {
  /** Where each of the partitions starts in the block, counted in entries; after the last, where that ends. */
  starts: Uint32Array
  /** The entries of these partitions, or the byte of the spool where the whole block begins. */
  source: Uint32Array<ArrayBuffer> | number
}

/** The part of a block that holds the partitions `from` up to, not including, `to`. Copies what is in memory. */
export function cutBlock({ starts, source }: BlockPart, from: number, to: number): BlockPart {
  const first = at(starts, 0)
  return {
    starts: starts.slice(from, to + 1),
    source:
      typeof source === 'number'
        ? source
        : source.slice((at(starts, from) - first) * entryWords, (at(starts, to) - first) * entryWords),
  }
}

/** Gives the memory of blocks back. */
export function releaseBlocks(blocks: readonly BlockPart[]): void {
  for (const { source } of blocks) if (typeof source !== 'number') releaseBytes(source)
}

/** Is shown entries `from` up to, not including, `to`; they are gone when it returns. */
export type VisitEntries = (entries: Uint32Array, from: number, to: number) => void

/** Entries in memory: the first of them is the block's entry number `first`. */
interface Held {
  first: number
  entries: Uint32Array<ArrayBuffer>
}

/**
 * Goes through the entries of one partition or another, in all blocks, as often as wanted and always in the same order.
 * What is in the spool is read once if it has room, and otherwise each time anew: a partition may be of any size.
 */
export class BlockReader {
  readonly partitions: number
  readonly #input: BlocksInput
  readonly #held: (Held | undefined)[]

  constructor(input: BlocksInput) {
    this.partitions = (input.blocks[0]?.starts.length ?? 1) - 1
    this.#input = input
    const isHeld = this.#count(0, this.partitions) <= input.heldMax
    this.#held = input.blocks.map(({ source, starts }) => {
      if (typeof source !== 'number') return { first: at(starts, 0), entries: source }
      return isHeld ? this.#read(source, at(starts, 0), at(starts, this.partitions)) : undefined
    })
  }

  entriesOf(partition: number): number {
    return this.#count(partition, partition + 1)
  }

  /** Shows a partition's entries, at most `sliceMax` at once. */
  eachSlice(partition: number, sliceMax: number, visit: VisitEntries): void {
    for (const [index, { source, starts }] of this.#input.blocks.entries()) {
      const to = at(starts, partition + 1)
      for (let from = at(starts, partition); from < to; ) {
        const held =
          this.#held[index] ?? this.#read(source as number, from, Math.min(to, from + this.#input.heldMax))
        const end = Math.min(to, held.first + held.entries.length / entryWords)
        for (; from < end; from += sliceMax) {
          visit(held.entries, from - held.first, Math.min(end, from + sliceMax) - held.first)
        }
        from = end
        if (held !== this.#held[index]) releaseBytes(held.entries)
      }
    }
  }

  /** Gives the memory back, that of the input too. */
  release(): void {
    for (const held of this.#held) if (held !== undefined) releaseBytes(held.entries)
  }

  #count(fromPartition: number, toPartition: number): number {
    return this.#input.blocks.reduce(
      (sum, { starts }) => sum + at(starts, toPartition) - at(starts, fromPartition),
      0,
    )
  }

  #read(offset: number, from: number, to: number): Held {
    const entries = new Uint32Array((to - from) * entryWords)
    for (let done = 0; done < entries.byteLength; ) {
      const length = entries.byteLength - done
      const bytes = readSync(this.#input.fd, entries, done, length, offset + from * entryBytes + done)
      if (bytes === 0) throw new Error('the spool ends before its last block')
      done += bytes
    }
    return { first: from, entries }
  }
}

function at(starts: Uint32Array, partition: number): number {
  return starts[partition] ?? 0
}
