/** Chance that depends on a seed and a place only: event 4,711 is the same whoever makes it, and in any order. */
export class Random {
  #state: number

  constructor(seed: number, place: number) {
    // Neighbouring places must not give neighbouring sequences.
    this.#state = Math.imul(seed ^ Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b) >>> 0
  }

  /** From 0 up to, not including, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 up to, not including, `until`. */
  below(until: number): number {
    return Math.floor(this.next() * until)
  }

  /** Early items come up far more often than late ones, as names and users do. */
  skewedBelow(until: number): number {
    return Math.floor(this.next() ** 3 * until)
  }

  /** As skewed as names of events are: each item comes up `ratio` times as often as the one before. */
  fallingBelow(until: number, ratio: number): number {
    return Math.floor(Math.log(1 - this.next() * (1 - ratio ** until)) / Math.log(ratio))
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  skewedPick<Item>(items: readonly Item[]): Item {
    return items[this.skewedBelow(items.length)] as Item
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits)
      text += this.below(2 ** 32)
        .toString(16)
        .padStart(8, '0')
    return text.slice(0, digits)
  }
}
