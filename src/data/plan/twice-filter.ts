import { entryWords } from './key-entries.ts'

const bitsPerKey = 16
const bitsMin = 64

/**
 * Tells of the keys that it has been shown which may have come twice: all that did, and about one in twenty of the
 * others. A bit array for what came once and one for what came again, their words side by side, so that looking at a key
 * touches one place of the cache.
 *
 * A partition that is far larger than the others, because its keys are no good hashes or one event came a million times,
 * is gone through in several passes, each for a share of the keys: the filter never has more than `bitsMax` bits.
 */
export class TwiceFilter {
  readonly #indexBitsMax: number
  #words = new Uint32Array(0)
  /** Bits of a key that choose its bit in a pass; those above choose the pass. */
  #indexBits = 0
  #shift = 0
  #pass = 0

  constructor(bitsMax: number) {
    this.#indexBitsMax = bitsFor(bitsMax)
  }

  /** Makes it ready for so many keys; gives how many passes they take. */
  prepare(keys: number): number {
    const wantedBits = Math.min(32, bitsFor(keys * bitsPerKey))
    this.#indexBits = Math.min(wantedBits, this.#indexBitsMax)
    this.#shift = 32 - wantedBits
    const length = 2 ** (this.#indexBits - 5) * 2
    if (this.#words.length !== length) this.#words = new Uint32Array(length)
    return 2 ** (wantedBits - this.#indexBits)
  }

  startPass(pass: number): void {
    this.#pass = pass
    this.#words.fill(0)
  }

  /** Shows it entries. */
  mark(entries: Uint32Array, from: number, to: number): void {
    const words = this.#words
    const shift = this.#shift
    const indexBits = this.#indexBits
    const mask = words.length - 1
    const pass = this.#pass
    for (let at = from * entryWords; at < to * entryWords; at += entryWords) {
      const index = (entries[at] as number) >>> shift
      if (index >>> indexBits !== pass) continue
      const place = (index >>> 4) & mask & ~1
      const bit = 1 << (index & 31)
      const once = words[place] as number
      words[place] = once | bit
      words[place + 1] = (words[place + 1] as number) | (once & bit)
    }
  }

  /** Copies the entries of this pass whose keys may have come twice; gives how many. */
  select(entries: Uint32Array, from: number, to: number, target: Uint32Array): number {
    const words = this.#words
    const shift = this.#shift
    const indexBits = this.#indexBits
    const mask = words.length - 1
    const pass = this.#pass
    let end = 0
    for (let at = from * entryWords; at < to * entryWords; at += entryWords) {
      const key = entries[at] as number
      const index = key >>> shift
      if (index >>> indexBits !== pass) continue
      const twice = words[((index >>> 4) & mask) | 1] as number
      // Written always and kept sometimes: which of the two can't be foretold, and a wrong guess costs more.
      target[end] = key
      target[end + 1] = entries[at + 1] as number
      end += ((twice >>> (index & 31)) & 1) * entryWords
    }
    return end / entryWords
  }
}

function bitsFor(bits: number): number {
  return Math.ceil(Math.log2(Math.max(bits, bitsMin)))
}
