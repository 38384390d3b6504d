import type { Member } from '../store/member.ts'
import { countLines } from './line-bits.ts'
import type { LosingLines } from './losing-lines.ts'

/** What an export does with one member. */
export type ExportStep =
  | { kind: 'copy'; member: Member }
  /** Open, drop the losing lines and those that are not selected, compress anew. */
  | { kind: 'rewrite'; member: Member; losing?: Uint8Array<ArrayBuffer> }

/** Which lines are wanted. */
export interface Selection {
  /** By their events' names; undefined: all. */
  eventNames?: ReadonlySet<string>
  /** The segmentation expression that they must meet as well; undefined: none. */
  where?: string
}

/** What is asked of the lines that are exported. */
export interface LineForm extends Selection {
  /** `properties.time` is in milliseconds; undefined: in seconds, as it is stored. */
  timeInMs?: true
}

export interface ExportPlan extends LineForm {
  steps: ExportStep[]
}

export interface PlanInput extends LineForm {
  /** In the order that `losing` was made from. */
  members: Member[]
  losing: LosingLines
}

/**
 * Decides for each member of a folder: copied as it is, opened, or skipped. Pure. The steps keep the members' order,
 * in which neighbours of a segment stand together and are read as one range. A member of which only some lines were
 * picked is opened: its bytes hold the others too.
 */
export function planExport({ members, losing, ...form }: PlanInput): ExportPlan {
  const steps = members.flatMap((member, index) => planMember(member, losing.of(index), form))
  return { steps, ...form }
}

/** Whether an export reads what is in the member: one all of whose lines lose is not even opened. */
export function opensMember(step: ExportStep): boolean {
  return step.kind === 'rewrite' && countLines(step.losing) < step.member.eventCount
}

export function openedMembers({ steps }: ExportPlan): Set<Member> {
  return new Set(steps.filter(opensMember).map(({ member }) => member))
}

/** Lines of the plan's members that a newer line of the same event replaces. */
export function countLosing({ steps }: ExportPlan): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'rewrite' ? countLines(step.losing) : 0), 0)
}

/** What is done with one member of which `losing` lines are left out: nothing, or one step. */
export function planMember(
  member: Member,
  losing: Uint8Array<ArrayBuffer> | undefined,
  form: LineForm,
): ExportStep[] {
  const selected = selectMember(member, form)
  if (selected === 'none') return []
  if (losing !== undefined) return [{ kind: 'rewrite', member, losing }]
  const isWhole = selected === 'all' && member.picked === undefined && form.timeInMs === undefined
  return isWhole ? [{ kind: 'copy', member }] : [{ kind: 'rewrite', member }]
}

/** Whether an export of these events needs the member at all. */
export function isWanted(member: Member, selection: Selection): boolean {
  return selectMember(member, selection) !== 'none'
}

function selectMember(member: Member, { eventNames, where }: Selection): 'all' | 'some' | 'none' {
  const named = selectByName(member, eventNames)
  // Of what an expression says only the lines can tell.
  return named === 'all' && where !== undefined ? 'some' : named
}

function selectByName(member: Member, wanted: ReadonlySet<string> | undefined): 'all' | 'some' | 'none' {
  if (wanted === undefined) return 'all'
  // Without a list of names only its lines can tell.
  if (member.eventNames === null) return 'some'
  const held = member.eventNames.filter((name) => wanted.has(name)).length
  if (held === 0) return 'none'
  return held === member.eventNames.length ? 'all' : 'some'
}
