/**
 * Counts keys, to tell those that came twice from those that did not. Open addressing; four numbers a slot: the key's
 * two words, how often it came (0: the slot is free; 2: twice or more), and its group once it has one.
 */
const slotWords = 4
const slotsMin = 256

export class KeyTable {
  #slots = new Uint32Array(slotsMin * slotWords)
  #count = 0
  #twice = 0

  /** How many keys came twice or more. */
  get twice(): number {
    return this.#twice
  }

  clear(): void {
    this.#slots.fill(0)
    this.#count = 0
    this.#twice = 0
  }

  add(first: number, second: number): void {
    const slots = this.#slots
    const at = findSlot(slots, first, second)
    if (slots[at + 2] === 0) {
      slots[at] = first
      slots[at + 1] = second
      slots[at + 2] = 1
      this.#count += 1
      if (this.#count * 2 * slotWords > slots.length) this.#grow()
    } else if (slots[at + 2] === 1) {
      slots[at + 2] = 2
      this.#twice += 1
    }
  }

  /** The group of a key that came twice or more: the one that it has, or `next`, which it then has. Else undefined. */
  groupOf(first: number, second: number, next: number): number | undefined {
    const slots = this.#slots
    const at = findSlot(slots, first, second)
    if (slots[at + 2] !== 2) return undefined
    if (slots[at + 3] === 0) slots[at + 3] = next + 1
    return (slots[at + 3] as number) - 1
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += slotWords) {
      if (before[at + 2] === 0) continue
      const target = findSlot(this.#slots, before[at] as number, before[at + 1] as number)
      this.#slots.set(before.subarray(at, at + slotWords), target)
    }
  }
}

/** Where the key stands, or the free slot where it would. The filter has used the high bits, so these are the low ones. */
function findSlot(slots: Uint32Array, first: number, second: number): number {
  const mask = slots.length - 1
  let at = (first * slotWords) & mask
  for (;;) {
    if (slots[at + 2] === 0) return at
    if (slots[at] === first && slots[at + 1] === second) return at
    at = (at + slotWords) & mask
  }
}
