/** Dedup records of a member: 20 bytes an event, sorted by key: the key (16) and the event's line (u32). */
import { dedupKeyBytes } from '../ingest/dedup-key.ts'
import { dedupRecordBytes } from './segment-format.ts'

/** `keys[i]` is the key of line `i`. */
export function dedupRecords(keys: Uint8Array[]): Uint8Array {
  const words = keyWords(keys)
  const order = Uint32Array.from(keys, (_, line) => line).sort((left, right) =>
    compareWords(words, left, right),
  )
  const records = new Uint8Array(keys.length * dedupRecordBytes)
  const view = new DataView(records.buffer)
  for (const [place, line] of order.entries()) {
    records.set(keys[line] as Uint8Array, place * dedupRecordBytes)
    view.setUint32(place * dedupRecordBytes + dedupKeyBytes, line, true)
  }
  return records
}

/** Four big-endian words a key: comparing them is comparing the bytes. */
function keyWords(keys: Uint8Array[]): Uint32Array {
  const words = new Uint32Array(keys.length * 4)
  for (const [line, key] of keys.entries()) {
    const view = new DataView(key.buffer, key.byteOffset, dedupKeyBytes)
    for (let word = 0; word < 4; word++) words[line * 4 + word] = view.getUint32(word * 4, false)
  }
  return words
}

function compareWords(words: Uint32Array, left: number, right: number): number {
  for (let word = 0; word < 4; word++) {
    const difference = (words[left * 4 + word] ?? 0) - (words[right * 4 + word] ?? 0)
    if (difference !== 0) return difference
  }
  return left - right
}
