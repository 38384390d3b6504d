import { readSync } from 'node:fs'
import { releaseBytes } from '../release-bytes.ts'
import type { PartitionCut } from './entry-blocks.ts'
import { entryBytes, entryWords } from './key-entries.ts'

export interface PartitionsInput {
  cut: PartitionCut
  /** Of the spool. */
  fd: number
  /** Entries of spooled blocks that may be held in memory: at least those of one block. */
  heldMax: number
}

/** Is shown entries `from` up to, not including, `to`; they are gone when it returns. */
export type VisitEntries = (entries: Uint32Array, from: number, to: number) => void

/**
 * Goes through the entries of one partition or another, in all blocks, as often as wanted and always in the same order.
 * What is in the spool is read once if it has room, and otherwise each time anew: a partition may be of any size.
 */
export class PartitionReader {
  readonly partitions: number
  readonly #input: PartitionsInput
  /** All entries, block after block; or room for `heldMax` of them. */
  readonly #entries: Uint32Array<ArrayBuffer>
  readonly #isHeld: boolean

  constructor(input: PartitionsInput) {
    const { cut, heldMax } = input
    this.partitions = cut.partitions
    this.#input = input
    const count = this.#count(0, cut.partitions)
    this.#isHeld = cut.entries !== undefined || count <= heldMax
    this.#entries = cut.entries ?? new Uint32Array(Math.min(count, heldMax) * entryWords)
    if (cut.entries === undefined && this.#isHeld) this.#readAll()
  }

  entriesOf(partition: number): number {
    return this.#count(partition, partition + 1)
  }

  /** Shows a partition's entries, at most `sliceMax` at once. */
  eachSlice(partition: number, sliceMax: number, visit: VisitEntries): void {
    let heldBefore = 0
    for (let block = 0; block < this.#blocks; block++) {
      const [from, to] = [this.#start(block, partition), this.#start(block, partition + 1)]
      const first = this.#start(block, 0)
      if (this.#isHeld) this.#showHeld(heldBefore + from - first, heldBefore + to - first, sliceMax, visit)
      else this.#showSpooled(block, from, to, sliceMax, visit)
      heldBefore += this.#start(block, this.partitions) - first
    }
  }

  /** Gives the memory back, that of the input too. */
  release(): void {
    releaseBytes(this.#entries)
  }

  get #blocks(): number {
    return this.#input.cut.spoolOffsets.length
  }

  #start(block: number, partition: number): number {
    return this.#input.cut.starts[block * (this.partitions + 1) + partition] ?? 0
  }

  #count(fromPartition: number, toPartition: number): number {
    let count = 0
    for (let block = 0; block < this.#blocks; block++) {
      count += this.#start(block, toPartition) - this.#start(block, fromPartition)
    }
    return count
  }

  #showHeld(from: number, to: number, sliceMax: number, visit: VisitEntries): void {
    for (let at = from; at < to; at += sliceMax) visit(this.#entries, at, Math.min(to, at + sliceMax))
  }

  #showSpooled(block: number, from: number, to: number, sliceMax: number, visit: VisitEntries): void {
    this.#read(block, from, to, 0)
    this.#showHeld(0, to - from, sliceMax, visit)
  }

  #readAll(): void {
    let place = 0
    for (let block = 0; block < this.#blocks; block++) {
      const [from, to] = [this.#start(block, 0), this.#start(block, this.partitions)]
      this.#read(block, from, to, place)
      place += to - from
    }
  }

  /** Reads a block's entries `from` up to, not including, `to`, to the memory's entry number `place`. */
  #read(block: number, from: number, to: number, place: number): void {
    const { cut, fd } = this.#input
    const offset = (cut.spoolOffsets[block] ?? 0) + from * entryBytes
    const length = (to - from) * entryBytes
    for (let done = 0; done < length; ) {
      const bytes = readSync(fd, this.#entries, place * entryBytes + done, length - done, offset + done)
      if (bytes === 0) throw new Error('the spool ends before its last block')
      done += bytes
    }
  }
}
