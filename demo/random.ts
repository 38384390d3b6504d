/** Chance that falls the same way every time. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number from `from` up to, not including, `until`. */
  whole(from: number, until: number): number
  /** Early items come up far more often than late ones, as names and users do. */
  skewed<Item>(items: readonly Item[]): Item
}

/** @param seed the same seed gives the same sequence, on every machine (mulberry32) */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (from: number, until: number): number => from + Math.floor(next() * (until - from))
  return {
    next,
    whole,
    skewed: <Item>(items: readonly Item[]): Item => {
      const item = items[Math.floor(next() ** 3 * items.length)]
      if (item === undefined) throw new Error('nothing to choose from')
      return item
    },
  }
}
