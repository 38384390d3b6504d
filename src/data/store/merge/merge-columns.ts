/** The lines of all members of a merge, opened, as columns: objects would cost ten times the memory. */
import type { LocalHour } from '../../../ids.ts'
import { dedupKeyBytes } from '../../ingest/dedup-key.ts'
import { releaseBytes } from '../../release-bytes.ts'
import type { HourEvents } from '../arrange-members.ts'
import type { Member } from '../member.ts'
import { eachLine, openMember } from '../open-member.ts'
import { dedupRecordBytes } from '../segment-format.ts'
import { createNameReader } from './line-name.ts'

interface OpenedMember {
  member: Member
  lines: Uint8Array
  /** Dedup records, by key. */
  records: Uint8Array
}

/** Line `i` of a merge, counted through all its members. */
export interface MergeColumns {
  members: OpenedMember[]
  memberOf: Uint32Array
  /** Where it stands in its member's lines. */
  starts: Uint32Array
  ends: Uint32Array
  /** Which of the merge's sources brought it. */
  sources: Uint32Array
  /** Where its key stands in its member's records. */
  keyOffsets: Uint32Array
}

export interface ColumnsInput {
  member: Member
  gzip: Uint8Array
  records: Uint8Array
  /** Of each line the source. */
  sources: Uint32Array
}

/** Opens the members and groups their lines by hour and name. Of one hour and name, in the order in which they came. */
export function openMembers(inputs: ColumnsInput[]): {
  columns: MergeColumns
  hours: HourEvents<number>[]
} {
  const lineCount = inputs.reduce((sum, { member }) => sum + member.eventCount, 0)
  const columns: MergeColumns = {
    members: openAll(inputs),
    memberOf: new Uint32Array(lineCount),
    starts: new Uint32Array(lineCount),
    ends: new Uint32Array(lineCount),
    sources: new Uint32Array(lineCount),
    keyOffsets: new Uint32Array(lineCount),
  }
  const hours = new Map<string, HourEvents<number>>()
  let first = 0
  for (const [index, { sources }] of inputs.entries()) {
    columns.sources.set(sources, first)
    placeLines(columns, index, first)
    groupLines(columns, index, first, hours)
    first += sources.length
  }
  const grouped = [...hours.values()]
  for (const { eventsByName } of grouped)
    for (const lines of eventsByName.values()) sortByArrival(columns, lines)
  return { columns, hours: grouped }
}

/** All lines in one piece of memory, which can be given back at once: small buffers can't. */
function openAll(inputs: ColumnsInput[]): OpenedMember[] {
  const all = new Uint8Array(inputs.reduce((sum, { member }) => sum + member.rawBytes, 0))
  let at = 0
  return inputs.map(({ member, gzip, records }) => {
    const opened = openMember(gzip, member.rawBytes)
    all.set(opened, at)
    const lines = all.subarray(at, at + opened.length)
    at += opened.length
    releaseBytes(gzip, opened)
    return { member, records, lines }
  })
}

/** When no line of them is needed any more. */
export function releaseColumns({ members }: MergeColumns): void {
  for (const { lines } of members) releaseBytes(lines)
}

export function lineBytes({ starts, ends }: MergeColumns, line: number): number {
  return (ends[line] ?? 0) - (starts[line] ?? 0)
}

function placeLines(columns: MergeColumns, index: number, first: number): void {
  const { lines, records } = columns.members[index] as OpenedMember
  let at = 0
  let line = first
  for (const bytes of eachLine(lines)) {
    columns.memberOf[line] = index
    columns.starts[line] = at
    at += bytes.length
    columns.ends[line] = at
    line += 1
  }
  const view = new DataView(records.buffer, records.byteOffset, records.length)
  for (let offset = 0; offset < records.length; offset += dedupRecordBytes)
    columns.keyOffsets[first + view.getUint32(offset + dedupKeyBytes, true)] = offset
}

function groupLines(
  columns: MergeColumns,
  index: number,
  first: number,
  hours: Map<string, HourEvents<number>>,
): void {
  const { member, lines } = columns.members[index] as OpenedMember
  const nameOf = createNameReader(lines, member.eventNames)
  const hourCounts = member.hourCounts ?? [member.localHour, member.eventCount]
  let line = first
  for (let at = 0; at < hourCounts.length; at += 2) {
    const localHour = hourCounts[at] as LocalHour
    const { projectId } = member
    const key = `${projectId}/${localHour}`
    const hour = hours.get(key) ?? { projectId, localHour, rawBytes: 0, eventsByName: new Map() }
    hours.set(key, hour)
    for (const end = line + (hourCounts[at + 1] ?? 0); line < end; line++) {
      const name = nameOf(columns.starts[line] ?? 0)
      const ofName = hour.eventsByName.get(name)
      if (ofName === undefined) hour.eventsByName.set(name, [line])
      else ofName.push(line)
      hour.rawBytes += lineBytes(columns, line)
    }
  }
}

/** By commit, then as SealedMember.rank says. Lines of one member are numbered as they stand there. */
function sortByArrival({ sources, memberOf, members }: MergeColumns, lines: number[]): void {
  const rankOf = (line: number): number => members[memberOf[line] ?? 0]?.member.rank ?? 0
  lines.sort((a, b) => (sources[a] ?? 0) - (sources[b] ?? 0) || rankOf(a) - rankOf(b) || a - b)
}
