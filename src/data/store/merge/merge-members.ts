/**
 * Thread task: makes one segment of many members. Lines are arranged anew by hour and name; what is settled already is
 * copied as it is. Which commit each line came with goes along, so that no snapshot sees more or less than before.
 */
import type { SegmentId } from '../../../ids.ts'
import { dedupKeyBytes } from '../../ingest/dedup-key.ts'
import { releaseBytes } from '../../release-bytes.ts'
import { type ArrangedMember, arrangeMembers } from '../arrange-members.ts'
import { decodeLineSources, encodeLineSources } from '../line-sources.ts'
import { type Member, sealedPart } from '../member.ts'
import { mergedSizes } from '../member-sizes.ts'
import {
  type CompressedMember,
  compressMember,
  layOutSegment,
  type MemberLines,
  type SealedSegment,
} from '../seal-member.ts'
import { lineBytes, type MergeColumns, openMembers, releaseColumns } from './merge-columns.ts'
import { splitSettled } from './settled-members.ts'

export interface MergeInput {
  members: MergeMember[]
  /** The segments that brought the lines, oldest commit first. */
  sourceIds: SegmentId[]
  /** Of what is made. */
  generation: number
  partSizeBytes: number
}

export interface MergeMember {
  member: Member
  gzip: Uint8Array<ArrayBuffer>
  records: Uint8Array<ArrayBuffer>
  /** As it stands in a merged segment; undefined where all lines came with one commit. */
  lineSources?: Uint8Array<ArrayBuffer>
  /** Of each source that its segment lists, the place in `sourceIds`. */
  sourcePlaces: Uint32Array
}

export interface MergedSegment extends SealedSegment {
  /** Places in `sourceIds` of the sources that the segment lists. */
  sourcePlaces: number[]
  /** Per member the first and the last of its sources, as indexes of that list. */
  sourceSpans: [first: number, last: number][]
}

/** A local hour begins no further from the same hour of UTC: no zone was ever 16 hours away. */
const zoneReachMs = 16 * 3_600_000

export function mergeMembers({ members, sourceIds, generation, partSizeBytes }: MergeInput): MergedSegment {
  const inputs = members.map((input) => ({ ...input, sources: sourcesOf(input) }))
  const listed = listSources(
    inputs.map(({ sources }) => sources),
    sourceIds.length,
  )
  const { settled, rest } = splitSettled(inputs, mergedSizes(partSizeBytes))
  const { columns, hours } = openMembers(rest)
  const arranged = arrangeMembers(hours, mergedSizes(partSizeBytes), (line) => lineBytes(columns, line))
  // Above all of theirs: what stays behind of a name and hour in an input's segment stood before what is merged.
  const firstRank = rest.reduce((most, { member }) => Math.max(most, member.rank), -1) + 1
  const scratch = new Uint8Array(arranged.reduce((most, { rawBytes }) => Math.max(most, rawBytes), 0))
  const made: MadeMember[] = [
    ...settled.map(({ member, gzip, records, sources }) =>
      copyMember(member, gzip, records, relist(sources, listed), generation),
    ),
    ...arranged.map((each, place) => {
      const lines = { ...gatherLines(columns, each, scratch), generation, rank: firstRank + place }
      return compress(lines, relist(columns.sources, listed, each.events))
    }),
  ].sort((a, b) => inOrder(a.compressed.sealed, b.compressed.sealed))
  releaseColumns(columns)
  releaseBytes(scratch)
  const origin = {
    sources: listed.places.map((place) => sourceIds[place] as SegmentId),
    replaces: replacedBy(members.map(({ member }) => member)),
  }
  return {
    ...layOutSegment(
      made.map(({ compressed }) => compressed),
      origin,
    ),
    sourcePlaces: listed.places,
    sourceSpans: made.map(({ span }) => span),
  }
}

interface MadeMember {
  compressed: CompressedMember
  span: [number, number]
}

function sourcesOf({ member, lineSources, sourcePlaces }: MergeMember): Uint32Array {
  if (lineSources === undefined) return new Uint32Array(member.eventCount).fill(sourcePlaces[0] ?? 0)
  return decodeLineSources(lineSources, member.eventCount).map((source) => sourcePlaces[source] ?? 0)
}

/** The sources that lines have, in order: of some that an input's segment lists, no line may be here. */
interface ListedSources {
  places: number[]
  /** Of each source of the merge, its index among those listed. */
  indexes: Uint32Array
}

function listSources(ofMembers: Uint32Array[], sourceCount: number): ListedSources {
  const isUsed = new Uint8Array(sourceCount)
  for (const sources of ofMembers) for (const source of sources) isUsed[source] = 1
  const indexes = new Uint32Array(sourceCount)
  const places: number[] = []
  for (let source = 0; source < sourceCount; source++)
    if (isUsed[source] === 1) indexes[source] = places.push(source) - 1
  return { places, indexes }
}

function relist(sources: Uint32Array, { indexes }: ListedSources, lines?: number[]): Uint32Array {
  if (lines === undefined) return sources.map((source) => indexes[source] ?? 0)
  return Uint32Array.from(lines, (line) => indexes[sources[line] ?? 0] ?? 0)
}

function gatherLines(
  columns: MergeColumns,
  { projectId, hourCounts, names, events, rawBytes }: ArrangedMember<number>,
  scratch: Uint8Array,
): Omit<MemberLines, 'generation' | 'rank'> {
  const lines = scratch.subarray(0, rawBytes)
  const keys: Uint8Array[] = []
  let at = 0
  let minTimeMs = Number.POSITIVE_INFINITY
  let maxTimeMs = Number.NEGATIVE_INFINITY
  for (const line of events) {
    const from = columns.members[columns.memberOf[line] ?? 0]
    if (from === undefined) continue
    const bytes = from.lines.subarray(columns.starts[line], columns.ends[line])
    lines.set(bytes, at)
    at += bytes.length
    const keyOffset = columns.keyOffsets[line] ?? 0
    keys.push(from.records.subarray(keyOffset, keyOffset + dedupKeyBytes))
    minTimeMs = Math.min(minTimeMs, from.member.minTimeMs)
    maxTimeMs = Math.max(maxTimeMs, from.member.maxTimeMs)
  }
  const hourMs = (hour: number): number => hour * 3_600_000
  return {
    ...{ projectId, hourCounts, names, lines, keys },
    minTimeMs: Math.max(minTimeMs, hourMs(hourCounts[0] ?? 0) - zoneReachMs),
    maxTimeMs: Math.min(maxTimeMs, hourMs((hourCounts.at(-2) ?? 0) + 1) + zoneReachMs),
  }
}

function compress(gathered: MemberLines, sources: Uint32Array): MadeMember {
  return { compressed: compressMember({ ...gathered, sources }), span: spanOf(sources) }
}

function copyMember(
  member: Member,
  gzip: Uint8Array,
  records: Uint8Array,
  sources: Uint32Array,
  generation: number,
): MadeMember {
  const { byteOffset: _at, keysOffset: _keysAt, sources: _sourcesAt, ...sealed } = sealedPart(member)
  return {
    compressed: { sealed: { ...sealed, generation }, gzip, records, sources: encodeLineSources(sources) },
    span: spanOf(sources),
  }
}

function spanOf(sources: Uint32Array): [number, number] {
  let [first, last] = [Number.POSITIVE_INFINITY, 0]
  for (const source of sources) {
    first = Math.min(first, source)
    last = Math.max(last, source)
  }
  return [first, last]
}

function inOrder(a: CompressedMember['sealed'], b: CompressedMember['sealed']): number {
  return a.projectId - b.projectId || a.localHour - b.localHour || a.rank - b.rank
}

function replacedBy(members: Member[]): { segmentId: SegmentId; ordinals: number[] }[] {
  const bySegment = new Map<SegmentId, number[]>()
  for (const { segmentId, ordinal } of members)
    bySegment.set(segmentId, [...(bySegment.get(segmentId) ?? []), ordinal])
  return [...bySegment].map(([segmentId, ordinals]) => ({ segmentId, ordinals }))
}
