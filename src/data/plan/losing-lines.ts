import type { Member } from '../store/member.ts'

/** The lines that lose against a newer duplicate: a bit a line, and only for members that have one. */
export class LosingLines {
  readonly #members: readonly Member[]
  readonly #bits = new Map<number, Uint8Array<ArrayBuffer>>()
  #count = 0

  constructor(members: readonly Member[]) {
    this.#members = members
  }

  /** How many lines lose. */
  get count(): number {
    return this.#count
  }

  add(memberIndex: number, line: number): void {
    let bits = this.#bits.get(memberIndex)
    if (bits === undefined) {
      bits = new Uint8Array(Math.ceil((this.#members[memberIndex]?.eventCount ?? 0) / 8))
      this.#bits.set(memberIndex, bits)
    }
    const mask = 1 << (line & 7)
    const before = bits[line >> 3] ?? 0
    if ((before & mask) !== 0) return
    bits[line >> 3] = before | mask
    this.#count += 1
  }

  /** Whether it is the same lines. */
  equals(other: LosingLines): boolean {
    if (this.#count !== other.#count || this.#bits.size !== other.#bits.size) return false
    return [...this.#bits].every(([index, bits]) => {
      const others = other.#bits.get(index)
      return others !== undefined && Buffer.compare(bits, others) === 0
    })
  }

  /** A copy of the member's bits (line `i` is bit `i & 7` of byte `i >> 3`), or undefined when all its lines stay. */
  of(memberIndex: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#bits.get(memberIndex)?.slice()
  }
}
