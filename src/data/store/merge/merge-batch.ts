/** The members of one merge, within its limits. */
import type { Member } from '../member.ts'

/** What one merge may hold at most. */
export interface MergeLimits {
  rawBytesMax: number
  linesMax: number
  membersMax: number
  /** Commits whose numbers a merged segment lists. */
  sourcesMax: number
}

/** @param rawBytesMax uncompressed bytes of event lines; the other limits keep what goes with them about as small */
export function mergeLimits(rawBytesMax: number): MergeLimits {
  return {
    rawBytesMax,
    linesMax: Math.ceil(rawBytesMax / 128),
    membersMax: 8192,
    sourcesMax: 16_384,
  }
}

/** A member that could be merged. */
export interface MergeableMember extends Member {
  /** How many commits its segment lists. */
  sourceCount: number
}

export class MergeBatch {
  readonly #limits: MergeLimits
  readonly #segments = new Set<string>()
  readonly #members = new Set<MergeableMember>()
  #rawBytes = 0
  #lines = 0
  #sources = 0

  constructor(limits: MergeLimits) {
    this.#limits = limits
  }

  get members(): MergeableMember[] {
    return [...this.#members]
  }

  get segmentCount(): number {
    return this.#segments.size
  }

  has(member: MergeableMember): boolean {
    return this.#members.has(member)
  }

  /** Whether these still fit: members of one segment that must not be torn apart. */
  fits(group: MergeableMember[]): boolean {
    const { rawBytesMax, linesMax, membersMax, sourcesMax } = this.#limits
    const [first] = group
    const newSources = first === undefined || this.#segments.has(first.segmentId) ? 0 : first.sourceCount
    return (
      this.#rawBytes + sumOf(group, ({ rawBytes }) => rawBytes) <= rawBytesMax &&
      this.#lines + sumOf(group, ({ eventCount }) => eventCount) <= linesMax &&
      this.#members.size + group.length <= membersMax &&
      this.#sources + newSources <= sourcesMax
    )
  }

  add(group: MergeableMember[]): void {
    for (const member of group) {
      if (!this.#segments.has(member.segmentId)) this.#sources += member.sourceCount
      this.#segments.add(member.segmentId)
      this.#members.add(member)
      this.#rawBytes += member.rawBytes
      this.#lines += member.eventCount
    }
  }

  clear(): void {
    this.#segments.clear()
    this.#members.clear()
    this.#rawBytes = 0
    this.#lines = 0
    this.#sources = 0
  }
}

function sumOf<Item>(items: Item[], amount: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0)
}
