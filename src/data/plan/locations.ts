import type { Member } from '../store/member.ts'

/**
 * Numbers a folder's lines: all lines of the first member, then those of the second, and so on. A location names a line
 * in 32 bits, and of two lines of a member the one with the greater location stands later.
 */
export class Locations {
  /** Location of each member's first line; after the last, how many lines there are. */
  readonly firsts: Float64Array

  constructor(members: readonly Member[]) {
    this.firsts = new Float64Array(members.length + 1)
    let first = 0
    for (const [index, { eventCount }] of members.entries()) {
      this.firsts[index] = first
      first += eventCount
    }
    this.firsts[members.length] = first
  }

  /** How many lines there are. */
  get count(): number {
    return this.firsts.at(-1) ?? 0
  }

  firstOf(memberIndex: number): number {
    return this.firsts[memberIndex] ?? this.count
  }

  memberOf(location: number): number {
    let low = 0
    let high = this.firsts.length - 1
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.firstOf(middle) <= location) low = middle
      else high = middle
    }
    return low
  }
}
