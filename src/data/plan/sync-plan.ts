import type { CommitNumber } from '../../ids.ts'
import type { Member } from '../store/member.ts'
import { countLosing, type ExportPlan, planExport, planMember, type Selection } from './export-plan.ts'
import type { FileMember } from './file-members.ts'
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
  /** Every member of the folder that was seen before; none is needed where `replaced` has no line. */
  older: Member[]
  /** Lines of `older` that late lines replace. */
  replaced: LosingLines
  /** Members that came since. */
  late: Member[]
  /** Lines of `late` that other late lines replace. */
  losing: LosingLines
}

/** What a sync does; files that it doesn't name stay as they are. */
export interface SyncPlan {
  /** Files to write anew, under the ordinals that they have. */
  rewritten: { ordinal: number; plan: ExportPlan }[]
  /** For files of their own, after all others. */
  late: ExportPlan
  /** Lines that are left out of the folder from now on because a newer line of the same event is there. */
  duplicates: number
}

/**
 * Decides how late lines come into a finished folder. Pure. Undefined where the record of the files doesn't fit the store
 * any more: members of a file that must be written anew were merged with others. Then the folder is exported whole.
 */
export function planSync(input: SyncInput): SyncPlan | undefined {
  const { files, older, replaced, late: members, losing, ...selection } = input
  const late = planExport({ members, losing, ...selection })
  const store = new SeenMembers(older, replaced)
  const touched = files.filter((file) => file.members.some((member) => store.isTouched(file, member)))
  if (isUnknown(files, touched, store)) return undefined
  const newlyReplaced = touched.flatMap(({ members: inFile }) =>
    inFile.map((member) => store.countNew(member)),
  )
  return {
    rewritten: touched.map(({ ordinal, members: inFile }) => ({
      ordinal,
      plan: { steps: inFile.flatMap((member) => store.stepsOf(member, selection)), ...selection },
    })),
    late,
    duplicates: newlyReplaced.reduce((sum, count) => sum + count, countLosing(late)),
  }
}

/** The members that the folder's files were made of, as the store has them now. */
class SeenMembers {
  readonly #members: ReadonlyMap<string, Member>
  readonly #replaced: ReadonlyMap<string, LineBits>

  constructor(older: Member[], replaced: LosingLines) {
    this.#members = new Map(older.map((member) => [keyOf(member), member]))
    this.#replaced = new Map(
      older.flatMap((member, index) => {
        const lines = replaced.of(index)
        return lines === undefined ? [] : [[keyOf(member), lines]]
      }),
    )
  }

  get replacedKeys(): string[] {
    return [...this.#replaced.keys()]
  }

  /** Whether the lines of a file's member have the numbers that they had when the file was written. */
  isKnown({ afterCommit, upToCommit }: RecordedFile, fileMember: FileMember): boolean {
    const member = this.#members.get(keyOf(fileMember))
    return member !== undefined && member.firstCommit > afterCommit && member.commitNumber <= upToCommit
  }

  /** Whether a line of a file's member is replaced that was not left out before. */
  isTouched(file: RecordedFile, member: FileMember): boolean {
    return this.#replaced.has(keyOf(member)) && (!this.isKnown(file, member) || this.countNew(member) > 0)
  }

  /** Lines of a file's member that are replaced, and were not left out before. */
  countNew(member: FileMember): number {
    const lines = this.#replaced.get(keyOf(member))
    if (lines === undefined) return 0
    return countLines(joinSets(member.leftOut, lines)) - countLines(member.leftOut)
  }

  stepsOf(fileMember: FileMember, selection: Selection): ExportPlan['steps'] {
    const key = keyOf(fileMember)
    const member = this.#members.get(key)
    if (member === undefined) return []
    return planMember(member, joinSets(fileMember.leftOut, this.#replaced.get(key)), selection)
  }
}

/**
 * A replaced line of a member that no file has may be one that was never exported (of an unwanted event, or replaced before
 * with all of its neighbours). It may also be in a file by a member that was merged into this one since.
 */
function isUnknown(
  files: readonly RecordedFile[],
  touched: readonly RecordedFile[],
  store: SeenMembers,
): boolean {
  const { replacedKeys } = store
  if (replacedKeys.length === 0) return false
  const isMerged = (file: RecordedFile) => file.members.some((member) => !store.isKnown(file, member))
  const inFiles = new Set(files.flatMap(({ members }) => members.map(keyOf)))
  return (replacedKeys.every((key) => inFiles.has(key)) ? touched : files).some(isMerged)
}

function joinSets(left: LineBits | undefined, right: LineBits | undefined): LineBits | undefined {
  return left === undefined ? right : joinLines(left, right)
}

function keyOf({ segmentId, ordinal }: Pick<Member, 'segmentId' | 'ordinal'>): string {
  return `${segmentId}/${ordinal}`
}
