import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'

/** What a segment's footer says of one member. */
export interface SealedMember {
  projectId: ProjectId
  /** The hour of its lines; of a spread member, the first of them. */
  localHour: LocalHour
  /** The last hour of its lines. */
  lastHour: LocalHour
  /** Of a spread member, whose lines stand hour by hour: hour, number of lines, hour, number of lines …; else null. */
  hourCounts: number[] | null
  /** Where the gzip member stands in its segment. */
  byteOffset: number
  byteLength: number
  /** Bytes of its event lines, uncompressed. */
  rawBytes: number
  eventCount: number
  /** CRC32 of the compressed bytes, taken when they were made: what S3 is asked to verify. */
  crc32: number
  /** Where its dedup records stand in the segment: `eventCount` of them, sorted by key. */
  keysOffset: number
  /** Distinct names, sorted; null when there are more than `eventNamesListedMax`. */
  eventNames: string[] | null
  /** No event is earlier. */
  minTimeMs: number
  /** No event is later. */
  maxTimeMs: number
  /** How often its lines have been merged into larger members: 0 as ingest wrote them. */
  generation: number
  /**
   * Of members that have lines of the same commit, hour and name, the one with the later lines has the higher rank: as
   * ingest wrote it, its place in the segment.
   */
  rank: number
  /** Where a merged member's segment says which commit each line came with (line-sources.ts); null: all with one. */
  sources: { offset: number; length: number } | null
}

/**
 * A member as the index knows it, named by segment and ordinal. Compaction replaces members by others; what was read
 * under EventStore.hold stays readable.
 */
export interface Member extends SealedMember {
  segmentId: SegmentId
  /** Its place in the segment. */
  ordinal: number
  /** The newest commit that one of its lines came with. */
  commitNumber: CommitNumber
  /** The oldest one. */
  firstCommit: CommitNumber
  /**
   * Where not all of its lines were asked for, those that were. `eventCount` counts them only, what is read of the member
   * shows only them, numbered from 0, and the member can't be copied.
   */
  picked?: PickedLines
}

export interface PickedLines {
  /** Places in the member, ascending. */
  places: Uint32Array<ArrayBuffer>
  /** Lines that the member has in all. */
  ofLines: number
}

export const eventNamesListedMax = 256

/** Of a member what its segment's footer says of it. */
export function sealedPart(member: Member): SealedMember {
  const {
    segmentId: _segment,
    ordinal: _ordinal,
    commitNumber: _newest,
    firstCommit: _oldest,
    ...sealed
  } = member
  return sealed
}
