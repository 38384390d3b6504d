/**
 * Which events go into which member. Pure. Every member has events of one project; those of one name and hour keep their
 * order, within a member and from member to member, so that of two duplicates of one commit the later stands later.
 *
 *   an hour with enough lines     members of its own; a name with enough lines, members of its own
 *   hours with few lines          spread members: of one day where the day has enough, else over days
 *
 * A spread member is why a request that touches a thousand hours does not make a thousand members: each would cost more
 * than its line does (docs/decisions/0030).
 */
import type { LocalHour, ProjectId } from '../../ids.ts'
import type { MemberSizes } from './member-sizes.ts'

/** Events of one project and one local hour; those of a name in the order in which they came. */
export interface HourEvents<Event> {
  projectId: ProjectId
  localHour: LocalHour
  rawBytes: number
  eventsByName: Map<string, Event[]>
}

export interface ArrangedMember<Event> {
  projectId: ProjectId
  /** Hour, number of events, hour, number of events …, in the order of `events`. */
  hourCounts: number[]
  names: Set<string>
  events: Event[]
  rawBytes: number
}

export function arrangeMembers<Event>(
  hours: HourEvents<Event>[],
  sizes: MemberSizes,
  bytesOf: (event: Event) => number,
): ArrangedMember<Event>[] {
  const members: ArrangedMember<Event>[] = []
  for (const ofProject of grouped(hours, ({ projectId }) => projectId)) {
    ofProject.sort((left, right) => left.localHour - right.localHour)
    const thin = ofProject.filter(({ rawBytes }) => rawBytes < sizes.spreadHourBytes)
    const spread = new Set(thin.length < 2 ? [] : thin)
    for (const hour of ofProject) if (!spread.has(hour)) members.push(...cutHour(hour, sizes, bytesOf))
    members.push(...spreadHours([...spread], sizes))
  }
  return members.sort((left, right) => left.projectId - right.projectId || firstHour(left) - firstHour(right))
}

function cutHour<Event>(
  hour: HourEvents<Event>,
  sizes: MemberSizes,
  bytesOf: (event: Event) => number,
): ArrangedMember<Event>[] {
  const members: ArrangedMember<Event>[] = []
  let mixed: ArrangedMember<Event> | undefined
  for (const name of [...hour.eventsByName.keys()].sort()) {
    const events = hour.eventsByName.get(name) ?? []
    const pieces = cutBySize(hour, name, events, sizes, bytesOf)
    const rawBytes = pieces.reduce((sum, piece) => sum + piece.rawBytes, 0)
    if (pieces.length > 1 || rawBytes >= sizes.ownMemberBytes) {
      members.push(...pieces)
      continue
    }
    if (mixed === undefined || mixed.rawBytes + rawBytes > sizes.partSizeBytes) {
      mixed = emptyMember(hour)
      members.push(mixed)
    }
    addEvents(mixed, hour.localHour, name, events, rawBytes)
  }
  return members
}

/**
 * Cuts one name's events, in order, into pieces of at most `partSizeBytes` (a larger line stands alone). All but the last
 * are settled: merges leave them alone, and what they take of a name is always what stands last.
 */
function cutBySize<Event>(
  hour: HourEvents<Event>,
  name: string,
  events: Event[],
  { partSizeBytes, settledBytes }: MemberSizes,
  bytesOf: (event: Event) => number,
): ArrangedMember<Event>[] {
  const pieces: ArrangedMember<Event>[] = []
  let piece: ArrangedMember<Event> | undefined
  for (const event of events) {
    const bytes = bytesOf(event)
    const isFull = piece !== undefined && piece.rawBytes + bytes > partSizeBytes
    if (piece === undefined || (isFull && piece.rawBytes >= settledBytes)) {
      piece = emptyMember(hour)
      piece.names.add(name)
      pieces.push(piece)
    }
    piece.events.push(event)
    piece.rawBytes += bytes
  }
  for (const { hourCounts, events: inPiece } of pieces) hourCounts.push(hour.localHour, inPiece.length)
  return pieces
}

/** A member of one day can be copied into a daily folder, so days come first, and what is left over goes across them. */
function spreadHours<Event>(hours: HourEvents<Event>[], sizes: MemberSizes): ArrangedMember<Event>[] {
  const members: ArrangedMember<Event>[] = []
  const leftOver: HourEvents<Event>[] = []
  for (const ofDay of grouped(hours, ({ localHour }) => Math.floor(localHour / 24))) {
    const rawBytes = ofDay.reduce((sum, hour) => sum + hour.rawBytes, 0)
    if (rawBytes < sizes.spreadHourBytes) leftOver.push(...ofDay)
    else members.push(...joinHours(ofDay, sizes.spreadMemberBytes))
  }
  members.push(...joinHours(leftOver, sizes.spreadMemberBytes))
  return members
}

/** An hour is never cut: of one segment, all its lines are in one spread member or in none. */
function joinHours<Event>(hours: HourEvents<Event>[], memberBytes: number): ArrangedMember<Event>[] {
  const members: ArrangedMember<Event>[] = []
  let member: ArrangedMember<Event> | undefined
  for (const hour of hours) {
    if (member === undefined || member.rawBytes + hour.rawBytes > memberBytes) {
      member = emptyMember(hour)
      members.push(member)
    }
    for (const name of [...hour.eventsByName.keys()].sort())
      addEvents(member, hour.localHour, name, hour.eventsByName.get(name) ?? [], 0)
    member.rawBytes += hour.rawBytes
  }
  return members
}

function emptyMember<Event>({ projectId }: HourEvents<Event>): ArrangedMember<Event> {
  return { projectId, hourCounts: [], names: new Set(), events: [], rawBytes: 0 }
}

function addEvents<Event>(
  member: ArrangedMember<Event>,
  hour: LocalHour,
  name: string,
  events: Event[],
  rawBytes: number,
): void {
  const { hourCounts } = member
  if (hourCounts.at(-2) === hour) hourCounts.push((hourCounts.pop() ?? 0) + events.length)
  else hourCounts.push(hour, events.length)
  member.names.add(name)
  for (const event of events) member.events.push(event)
  member.rawBytes += rawBytes
}

function firstHour<Event>(member: ArrangedMember<Event>): number {
  return member.hourCounts[0] ?? 0
}

/** Items of one key together, keys in the order in which they come up. */
function grouped<Item>(items: Item[], keyOf: (item: Item) => number): Item[][] {
  const groups = new Map<number, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}
