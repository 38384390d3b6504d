/** Thread task: finds equal keys among dedup records, in linear time and without sorting. */
import { dedupRecordBytes } from '../store/segment-format.ts'

export interface EqualKeysInput {
  /** Dedup records (20 bytes each) of any number of members, end to end. */
  records: Uint8Array<ArrayBuffer>
}

export interface EqualKeys {
  /** Groups end to end, each its size and then the places of its records; only keys that stand twice or more. */
  groups: Uint32Array<ArrayBuffer>
}

const none = 0xffffffff

export function findEqualKeys({ records }: EqualKeysInput): EqualKeys {
  const count = records.length / dedupRecordBytes
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const slots = new Uint32Array(tableSize(count)).fill(none)
  // previous[i]: the record before i with the same key; a chain for each key that stands more than once.
  const previous = new Uint32Array(count).fill(none)
  const groups: number[] = []
  for (let place = 0; place < count; place++) {
    const slot = findSlot(slots, view, place)
    previous[place] = slots[slot] ?? none
    slots[slot] = place
  }
  for (const last of slots) {
    if (last !== none && previous[last] !== none) pushChain(groups, previous, last)
  }
  return { groups: Uint32Array.from(groups) }
}

/** Keys are hashes, so their first bits spread them over the table; half of it stays empty. */
function findSlot(slots: Uint32Array, view: DataView, place: number): number {
  const mask = slots.length - 1
  let slot = view.getUint32(place * dedupRecordBytes + 4, true) & mask
  for (;;) {
    const holder = slots[slot] ?? none
    if (holder === none || sameKey(view, holder, place)) return slot
    slot = (slot + 1) & mask
  }
}

function sameKey(view: DataView, left: number, right: number): boolean {
  const a = left * dedupRecordBytes
  const b = right * dedupRecordBytes
  return (
    view.getUint32(a, true) === view.getUint32(b, true) &&
    view.getUint32(a + 4, true) === view.getUint32(b + 4, true) &&
    view.getUint32(a + 8, true) === view.getUint32(b + 8, true) &&
    view.getUint32(a + 12, true) === view.getUint32(b + 12, true)
  )
}

function pushChain(groups: number[], previous: Uint32Array, last: number): void {
  const sizeAt = groups.push(0) - 1
  for (let place = last; place !== none; place = previous[place] ?? none) groups.push(place)
  groups[sizeAt] = groups.length - sizeAt - 1
}

function tableSize(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)))
}
