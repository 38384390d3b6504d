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

/** One name's lines fill a member of their own from here on: a selection by name is then a copy. */
const ownMemberBytes = 256 * 1024

/** Hours below the first share members of about the second; smaller where a full member is small. */
function spreadSizes(partSizeBytes: number): { hourBytesMin: number; memberBytes: number } {
  return {
    hourBytesMin: Math.min(16 * 1024, partSizeBytes / 8),
    memberBytes: Math.min(64 * 1024, partSizeBytes / 2),
  }
}

/** @param partSizeBytes uncompressed bytes after which a member is full */
export function arrangeMembers<Event>(
  hours: HourEvents<Event>[],
  partSizeBytes: number,
  bytesOf: (event: Event) => number,
): ArrangedMember<Event>[] {
  const sizes = spreadSizes(partSizeBytes)
  const members: ArrangedMember<Event>[] = []
  for (const ofProject of grouped(hours, ({ projectId }) => projectId)) {
    ofProject.sort((left, right) => left.localHour - right.localHour)
    const thin = ofProject.filter(({ rawBytes }) => rawBytes < sizes.hourBytesMin)
    const spread = new Set(thin.length < 2 ? [] : thin)
    for (const hour of ofProject)
      if (!spread.has(hour)) members.push(...cutHour(hour, partSizeBytes, bytesOf))
    members.push(...spreadHours([...spread], sizes))
  }
  return members.sort((left, right) => left.projectId - right.projectId || firstHour(left) - firstHour(right))
}

function cutHour<Event>(
  hour: HourEvents<Event>,
  partSizeBytes: number,
  bytesOf: (event: Event) => number,
): ArrangedMember<Event>[] {
  const members: ArrangedMember<Event>[] = []
  let mixed: ArrangedMember<Event> | undefined
  for (const name of [...hour.eventsByName.keys()].sort()) {
    const events = hour.eventsByName.get(name) ?? []
    const pieces = cutBySize(hour, name, events, partSizeBytes, bytesOf)
    const rawBytes = pieces.reduce((sum, piece) => sum + piece.rawBytes, 0)
    if (pieces.length > 1 || rawBytes >= ownMemberBytes) {
      members.push(...pieces)
      continue
    }
    if (mixed === undefined || mixed.rawBytes + rawBytes > partSizeBytes) {
      mixed = emptyMember(hour)
      members.push(mixed)
    }
    addEvents(mixed, hour.localHour, name, events, rawBytes)
  }
  return members
}

/** Cuts one name's events, in order, into pieces of at most `partSizeBytes` (one larger line stands alone). */
function cutBySize<Event>(
  hour: HourEvents<Event>,
  name: string,
  events: Event[],
  partSizeBytes: number,
  bytesOf: (event: Event) => number,
): ArrangedMember<Event>[] {
  const pieces: ArrangedMember<Event>[] = []
  let piece: ArrangedMember<Event> | undefined
  for (const event of events) {
    const bytes = bytesOf(event)
    if (piece === undefined || piece.rawBytes + bytes > partSizeBytes) {
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
function spreadHours<Event>(
  hours: HourEvents<Event>[],
  sizes: { hourBytesMin: number; memberBytes: number },
): ArrangedMember<Event>[] {
  const members: ArrangedMember<Event>[] = []
  const leftOver: HourEvents<Event>[] = []
  for (const ofDay of grouped(hours, ({ localHour }) => Math.floor(localHour / 24))) {
    const rawBytes = ofDay.reduce((sum, hour) => sum + hour.rawBytes, 0)
    if (rawBytes < sizes.hourBytesMin) leftOver.push(...ofDay)
    else members.push(...joinHours(ofDay, sizes.memberBytes))
  }
  members.push(...joinHours(leftOver, sizes.memberBytes))
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
