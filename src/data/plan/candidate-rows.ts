import type { BucketRows } from './buckets.ts'

/** Candidates are put into buckets of neighbouring locations, as many as a number of bits tells apart. */
export interface CandidateBuckets {
  count: number
  locationBits: number
}

/** A candidate as a row: the location of a line, and a group that it shares with the lines whose keys look equal. */
const rowWords = 2
export const candidateRowBytes = rowWords * 4

/** Collects candidates, leaves the first `skip` out, and is full after `max` others. */
export class CandidateRows {
  readonly #skip: number
  readonly #max: number
  #rows = new Uint32Array(64 * rowWords)
  #seen = 0

  constructor(skip: number, max: number) {
    this.#skip = skip
    this.#max = max
  }

  /** True when there is a candidate that had no room. */
  get isFull(): boolean {
    return this.#seen > this.#skip + this.#max
  }

  get count(): number {
    return Math.min(Math.max(0, this.#seen - this.#skip), this.#max)
  }

  add(location: number, group: number): void {
    const at = (this.#seen++ - this.#skip) * rowWords
    if (at < 0 || at >= this.#max * rowWords) return
    if (at >= this.#rows.length) {
      const larger = new Uint32Array(this.#rows.length * 2)
      larger.set(this.#rows)
      this.#rows = larger
    }
    this.#rows[at] = location
    this.#rows[at + 1] = group
  }

  /** Ordered by bucket, in linear time. */
  toBuckets({ count, locationBits }: CandidateBuckets): BucketRows {
    const rows = this.#rows.subarray(0, this.count * rowWords)
    const places = new Uint32Array(count + 1)
    for (let at = 0; at < rows.length; at += rowWords) {
      const next = bucketOf(rows[at] as number, locationBits) + 1
      places[next] = (places[next] as number) + 1
    }
    for (let bucket = 1; bucket <= count; bucket++) {
      places[bucket] = (places[bucket] as number) + (places[bucket - 1] as number)
    }
    const ordered = new Uint32Array(rows.length)
    for (let at = 0; at < rows.length; at += rowWords) {
      const bucket = bucketOf(rows[at] as number, locationBits)
      const place = (places[bucket] as number) * rowWords
      places[bucket] = (places[bucket] as number) + 1
      ordered[place] = rows[at] as number
      ordered[place + 1] = rows[at + 1] as number
    }
    // Each bucket's place has moved on to its end.
    const ends = places.subarray(0, count).map((rowsBefore) => rowsBefore * candidateRowBytes)
    return { bytes: new Uint8Array(ordered.buffer), ends }
  }
}

/** Shows the location and the group of each row. */
export function eachCandidate(
  { buffer, byteOffset, byteLength }: Uint8Array,
  visit: (location: number, group: number) => void,
): void {
  const rows = new Uint32Array(buffer, byteOffset, byteLength / 4)
  for (let at = 0; at < rows.length; at += rowWords) visit(rows[at] as number, rows[at + 1] as number)
}

/** Not a shift: where one bucket holds every location there are 32 bits, and JavaScript shifts by none then. */
function bucketOf(location: number, locationBits: number): number {
  return Math.floor(location / 2 ** locationBits)
}
