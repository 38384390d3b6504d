/** Thread task: makes entries of dedup records and orders them by partition, in linear time. */
import { dedupRecordBytes } from '../store/segment-format.ts'
import { type EntryLayout, entryWords, keyBitsMask } from './key-entries.ts'

export interface PartitionKeysInput {
  layout: EntryLayout
  /** Dedup records from the start on; what follows them is of no account. */
  records: Uint8Array<ArrayBuffer>
  /** Room for as many entries. */
  entries: Uint32Array<ArrayBuffer>
  /** Whose the records are: of each member how many, and the location of its first line. */
  counts: Uint32Array
  firstLocations: Uint32Array
}

export interface PartitionedKeys {
  /** Where each partition starts, counted in entries; after the last, how many there are. */
  starts: Uint32Array<ArrayBuffer>
  /** Those of the input, the entries filled. */
  entries: Uint32Array<ArrayBuffer>
  records: Uint8Array<ArrayBuffer>
}

const recordWords = dedupRecordBytes / 4

export function partitionKeys(input: PartitionKeysInput): PartitionedKeys {
  const { layout, records, entries, counts, firstLocations } = input
  const total = counts.reduce((sum, count) => sum + count, 0)
  // Numbers of this machine's byte order: little-endian wherever Node runs.
  const words = new Uint32Array(records.buffer, 0, total * recordWords)
  const starts = countPartitions(words, layout)
  const ends = starts.slice()
  let from = 0
  for (const [index, count] of counts.entries()) {
    const span = words.subarray(from, from + count * recordWords)
    moveSpan(span, firstLocations[index] ?? 0, layout, ends, entries)
    from += span.length
  }
  return { starts, entries, records }
}

/** Keys are sorted by their bytes, so a partition is told by the first ones: the high end of two bytes swapped. */
function partitionOf(firstWord: number, shift: number): number {
  return (((firstWord & 0xff) << 8) | ((firstWord >>> 8) & 0xff)) >>> shift
}

function countPartitions(words: Uint32Array, { partitionBits }: EntryLayout): Uint32Array<ArrayBuffer> {
  const shift = 16 - partitionBits
  const starts = new Uint32Array(2 ** partitionBits + 1)
  for (let at = 0; at < words.length; at += recordWords) {
    const next = partitionOf(words[at] as number, shift) + 1
    starts[next] = (starts[next] as number) + 1
  }
  for (let partition = 1; partition < starts.length; partition++) {
    starts[partition] = (starts[partition] as number) + (starts[partition - 1] as number)
  }
  return starts
}

/** A member's records are sorted by key, so they go through the partitions in order: each is written to in one place. */
function moveSpan(
  words: Uint32Array,
  firstLocation: number,
  layout: EntryLayout,
  ends: Uint32Array,
  target: Uint32Array,
): void {
  const shift = 16 - layout.partitionBits
  const mask = keyBitsMask(layout)
  for (let at = 0; at < words.length; at += recordWords) {
    const partition = partitionOf(words[at] as number, shift)
    const place = ends[partition] as number
    ends[partition] = place + 1
    target[place * entryWords] = words[at + 1] as number
    target[place * entryWords + 1] =
      ((words[at + 2] as number) & mask) | (firstLocation + (words[at + 4] as number))
  }
}
