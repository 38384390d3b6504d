import type { Spool } from '../spool.ts'

/** Rows of bytes, those of the first bucket first. */
export interface BucketRows {
  bytes: Uint8Array<ArrayBuffer>
  /** Where each bucket's rows end in `bytes`. */
  ends: Uint32Array
}

/** All rows of one bucket: some in memory, some in the spool. */
export interface Bucket {
  pieces: Uint8Array<ArrayBuffer>[]
  extents: Extent[]
}

interface Extent {
  offset: number
  length: number
}

/**
 * Rows that are made in one order and needed in another: each goes to a bucket, and a bucket is taken as a whole.
 * What is more than fits in memory goes to the spool, all buckets in one write.
 */
export class Buckets {
  readonly #spool: Spool
  readonly #bytesInMemoryMax: number
  readonly #buckets: Bucket[]
  #bytesInMemory = 0

  constructor(spool: Spool, count: number, bytesInMemoryMax: number) {
    this.#spool = spool
    this.#bytesInMemoryMax = bytesInMemoryMax
    this.#buckets = Array.from({ length: count }, () => ({ pieces: [], extents: [] }))
  }

  get count(): number {
    return this.#buckets.length
  }

  async add({ bytes, ends }: BucketRows): Promise<void> {
    let from = 0
    for (const [bucket, end] of ends.entries()) {
      if (end > from) this.#buckets[bucket]?.pieces.push(bytes.subarray(from, end))
      from = end
    }
    this.#bytesInMemory += bytes.length
    if (this.#bytesInMemory > this.#bytesInMemoryMax) await this.#spoolAll()
  }

  /** A bucket's rows, in no order. They are its caller's from then on. */
  take(bucket: number): Bucket {
    const taken = this.#buckets[bucket] ?? { pieces: [], extents: [] }
    this.#buckets[bucket] = { pieces: [], extents: [] }
    return taken
  }

  async #spoolAll(): Promise<void> {
    const taken = this.#buckets.map((bucket) => {
      const { pieces } = bucket
      bucket.pieces = []
      return pieces
    })
    this.#bytesInMemory = 0
    let offset = await this.#spool.append(Buffer.concat(taken.flat()))
    for (const [bucket, pieces] of taken.entries()) {
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
      if (length > 0) this.#buckets[bucket]?.extents.push({ offset, length })
      offset += length
    }
  }
}
