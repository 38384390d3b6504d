import type { CommitNumber } from '../../ids.ts'
import type { Member } from '../store/member.ts'
import { type ExportPlan, planExport, planMember, type Selection } from './export-plan.ts'
import type { FileMember } from './file-members.ts'
import type { ReplacedLines } from './find-replaced.ts'
import { countLines, joinLines, type LineBits } from './line-bits.ts'
import type { LosingLines } from './losing-lines.ts'

/** A file that an earlier export or sync wrote. */
interface RecordedFile {
  ordinal: number
  /** It holds lines that commits after the first and up to the second brought. */
  afterCommit: CommitNumber
  upToCommit: CommitNumber
  members: FileMember[]
}

interface SyncInput extends Selection {
  files: readonly RecordedFile[]
  /** Every member of the folder that was seen before; none is needed where nothing is replaced. */
  older: Member[]
  /** Lines of such members that late lines replace. */
  replaced: ReplacedLines[]
  /** Members that came since. */
  late: Member[]
  /** Lines of `late` that other late lines replace. */
  losing: LosingLines
}

/** What a sync does; files that it doesn't name stay as they are. */
export interface SyncPlan {
  /** Files to write anew if they show a replaced line, which only their lines can tell; by the ordinals that they have. */
  rewritten: { ordinal: number; plan: ExportPlan }[]
  searched: SearchPlan
  /** For files of their own, after all others. */
  late: ExportPlan
}

/**
 * Files whose members were merged with others since they were written. The store has their lines still, and doesn't know any
 * more in which file each is: they are to be looked for in the files themselves.
 */
export interface SearchPlan {
  ordinals: number[]
  /** Members with replaced lines that may be in these files. */
  replaced: readonly ReplacedLines[]
}

/** Decides how late lines come into a finished folder. Pure. */
export function planSync(input: SyncInput): SyncPlan {
  const { files, older, replaced, late: members, losing, ...selection } = input
  const late = planExport({ members, losing, ...selection })
  const store = new SeenMembers(older, replaced)
  const known = files.filter((file) => file.members.every((member) => store.isKnown(file, member)))
  const touched = known.filter((file) => file.members.some((member) => store.hasNew(member)))
  return {
    rewritten: touched.map(({ ordinal, members: inFile }) => ({
      ordinal,
      plan: { steps: inFile.flatMap((member) => store.stepsOf(member, selection)), ...selection },
    })),
    searched: planSearch(files, known, store),
    late,
  }
}

function planSearch(
  files: readonly RecordedFile[],
  known: readonly RecordedFile[],
  store: SeenMembers,
): SearchPlan {
  // A member stands in one file, so what a known file holds of it is all there is.
  const settled = new Set(known.flatMap(({ members }) => members.map(keyOf)))
  const replaced = store.replaced.filter(({ member }) => !settled.has(keyOf(member)))
  const merged = files.filter((file) => !known.includes(file))
  const ordinals = merged
    .filter(({ afterCommit, upToCommit }) =>
      replaced.some(({ member }) => member.commitNumber > afterCommit && member.firstCommit <= upToCommit),
    )
    .map(({ ordinal }) => ordinal)
  return { ordinals, replaced: ordinals.length === 0 ? [] : replaced }
}

/** The members that the folder has lines in, as the store has them now. */
class SeenMembers {
  readonly replaced: readonly ReplacedLines[]
  readonly #members: ReadonlyMap<string, Member>
  readonly #replaced: ReadonlyMap<string, LineBits>

  constructor(older: readonly Member[], replaced: readonly ReplacedLines[]) {
    this.replaced = replaced
    // One whose lines are replaced may have been merged with others since it was looked at: the store's hold keeps it readable.
    const members = [...replaced.map(({ member }) => member), ...older]
    this.#members = new Map(members.map((member) => [keyOf(member), member]))
    this.#replaced = new Map(replaced.map(({ member, lines }) => [keyOf(member), lines]))
  }

  /** Whether the lines of a file's member have the numbers that they had when the file was written. */
  isKnown({ afterCommit, upToCommit }: RecordedFile, fileMember: FileMember): boolean {
    const member = this.#members.get(keyOf(fileMember))
    return member !== undefined && member.firstCommit > afterCommit && member.commitNumber <= upToCommit
  }

  /** Whether lines of a known file's member are replaced that were not left out before. */
  hasNew(member: FileMember): boolean {
    const lines = this.#replaced.get(keyOf(member))
    return lines !== undefined && countLines(joinSets(member.leftOut, lines)) > countLines(member.leftOut)
  }

  stepsOf(fileMember: FileMember, selection: Selection): ExportPlan['steps'] {
    const key = keyOf(fileMember)
    const member = this.#members.get(key)
    if (member === undefined) return []
    return planMember(member, joinSets(fileMember.leftOut, this.#replaced.get(key)), selection)
  }
}

function joinSets(left: LineBits | undefined, right: LineBits | undefined): LineBits | undefined {
  return left === undefined ? right : joinLines(left, right)
}

function keyOf({ segmentId, ordinal }: Pick<Member, 'segmentId' | 'ordinal'>): string {
  return `${segmentId}/${ordinal}`
}
