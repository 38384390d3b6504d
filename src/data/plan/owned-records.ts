import { dedupRecordBytes } from '../store/segment-format.ts'

/** Dedup records of several members, end to end. */
export class OwnedRecords {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly #memberIndexes: number[]
  /** How many records there are up to the end of each part. */
  readonly #ends: number[] = []

  constructor(parts: readonly { memberIndex: number; records: Uint8Array }[]) {
    this.bytes = new Uint8Array(parts.reduce((sum, { records }) => sum + records.length, 0))
    this.#memberIndexes = parts.map(({ memberIndex }) => memberIndex)
    let at = 0
    for (const { records } of parts) {
      this.bytes.set(records, at)
      at += records.length
      this.#ends.push(at / dedupRecordBytes)
    }
  }

  /** Whose record stands at a place. */
  memberOf(place: number): number {
    let low = 0
    let high = this.#ends.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] as number) <= place) low = middle + 1
      else high = middle
    }
    return this.#memberIndexes[low] ?? 0
  }
}
