import type { CommitNumber, LocalHour, ProjectId, SegmentId } from '../../ids.ts'

/** What a segment's footer says of one member. */
export interface SealedMember {
  projectId: ProjectId
  localHour: LocalHour
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
  minTimeMs: number
  maxTimeMs: number
}

/** A member as the index knows it. Later (commitNumber, ordinal) is newer. */
export interface Member extends SealedMember {
  segmentId: SegmentId
  commitNumber: CommitNumber
  ordinal: number
}

export const eventNamesListedMax = 256
