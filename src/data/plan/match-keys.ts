/** Thread task: which of many older dedup records have the key of one of a few late ones. */
import { dedupKeyBytes } from '../ingest/dedup-key.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'

export interface MatchKeysInput {
  /** Dedup records (20 bytes each), end to end, in any order. */
  late: Uint8Array<ArrayBuffer>
  older: Uint8Array<ArrayBuffer>
}

export interface MatchedKeys {
  /**
   * One group a key, end to end: how many older records it has, then the place of each and the line that it names; the same
   * of its late records.
   */
  groups: Uint32Array<ArrayBuffer>
}

const none = 0xffffffff

/** Linear in both: the late keys in a hash table, the older ones held against it. */
export function matchKeys({ late, older }: MatchKeysInput): MatchedKeys {
  const table = createTable(late)
  const olderByHead = new Map<number, number[]>()
  const olderWords = keyWords(older)
  for (let place = 0; place < older.length / dedupRecordBytes; place++) {
    const head = findHead(table, olderWords, place)
    if (head === none) continue
    const found = olderByHead.get(head)
    if (found === undefined) olderByHead.set(head, [place])
    else found.push(place)
  }
  const groups: number[] = []
  for (const [head, places] of olderByHead) {
    pushRecords(groups, olderWords, places)
    pushRecords(groups, table.words, chainOf(table, head))
  }
  return { groups: Uint32Array.from(groups) }
}

function pushRecords(groups: number[], words: DataView, places: number[]): void {
  groups.push(places.length)
  for (const place of places)
    groups.push(place, words.getUint32(place * dedupRecordBytes + dedupKeyBytes, true))
}

interface KeyTable {
  words: DataView
  /** The last record of each key; half of the slots stay empty. */
  slots: Uint32Array
  /** previous[i]: the record before i with the same key. */
  previous: Uint32Array
}

function createTable(records: Uint8Array): KeyTable {
  const count = records.length / dedupRecordBytes
  const words = keyWords(records)
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, count * 2)))).fill(none)
  const previous = new Uint32Array(count).fill(none)
  const table = { words, slots, previous }
  for (let place = 0; place < count; place++) {
    const slot = findSlot(table, words, place)
    previous[place] = slots[slot] ?? none
    slots[slot] = place
  }
  return table
}

function findHead(table: KeyTable, words: DataView, place: number): number {
  return table.slots[findSlot(table, words, place)] ?? none
}

/** The slot that holds the key, or the empty one where it would stand. Keys are hashes, so any of their words spreads them. */
function findSlot({ words, slots }: KeyTable, wanted: DataView, place: number): number {
  const mask = slots.length - 1
  let slot = wanted.getUint32(place * dedupRecordBytes + 4, true) & mask
  for (;;) {
    const holder = slots[slot] ?? none
    if (holder === none || sameKey(words, holder, wanted, place)) return slot
    slot = (slot + 1) & mask
  }
}

function sameKey(left: DataView, leftPlace: number, right: DataView, rightPlace: number): boolean {
  const a = leftPlace * dedupRecordBytes
  const b = rightPlace * dedupRecordBytes
  return (
    left.getUint32(a, true) === right.getUint32(b, true) &&
    left.getUint32(a + 4, true) === right.getUint32(b + 4, true) &&
    left.getUint32(a + 8, true) === right.getUint32(b + 8, true) &&
    left.getUint32(a + 12, true) === right.getUint32(b + 12, true)
  )
}

function chainOf({ previous }: KeyTable, head: number): number[] {
  const places: number[] = []
  for (let place = head; place !== none; place = previous[place] ?? none) places.push(place)
  return places
}

function keyWords(records: Uint8Array): DataView {
  return new DataView(records.buffer, records.byteOffset, records.byteLength)
}
