import type { MemberCandidates } from './candidate-members.ts'
import type { Candidates } from './settle-duplicates.ts'

/** Lines whose keys are equal, member by member. */
export class CandidateGroups implements Candidates {
  /** By member: each line's group. */
  readonly #groups = new Map<number, Map<number, number>>()
  count = 0

  get members(): MemberCandidates[] {
    return Array.from(this.#groups, ([memberIndex, groupOf]) => {
      const lines = Uint32Array.from(groupOf.keys()).sort()
      return { memberIndex, lines, groups: lines.map((line) => groupOf.get(line) ?? 0) }
    })
  }

  /** Takes the records that stand at `at` (matchKeys) into a group and returns what stands after them. */
  add(matched: Uint32Array, at: number, owner: (place: number) => number, group: number): number {
    const end = at + 1 + 2 * (matched[at] ?? 0)
    for (let pair = at + 1; pair < end; pair += 2) {
      const memberIndex = owner(matched[pair] ?? 0)
      const groupOf = this.#groups.get(memberIndex) ?? new Map<number, number>()
      this.#groups.set(memberIndex, groupOf.set(matched[pair + 1] ?? 0, group))
      this.count += 1
    }
    return end
  }
}
