import type { SegmentId } from '../../ids.ts'
import type { Member } from '../store/member.ts'
import { dedupRecordBytes } from '../store/segment-format.ts'

/** Dedup records of one member, or a part of them. */
interface KeySpan {
  memberIndex: number
  records: number
}

/** Records that stand end to end in a segment, and are read at once. */
interface KeyRange {
  segmentId: SegmentId
  byteOffset: number
  records: number
  spans: KeySpan[]
  /** Of a member of which some lines were picked: from which of these on. Such a range is that member's alone. */
  picked?: { member: Member; from: number }
}

/** Ranges that are worked together. */
export interface KeyChunk {
  records: number
  ranges: KeyRange[]
}

/**
 * The dedup records of all members, in chunks of at most `recordsMax`. In the members' order, in which neighbours of a
 * segment stand together, so a commit's keys of one folder are mostly one range.
 */
export function* keyChunks(members: readonly Member[], recordsMax: number): Generator<KeyChunk> {
  let chunk: KeyChunk = { records: 0, ranges: [] }
  for (const [memberIndex, member] of members.entries()) {
    for (let from = 0; from < member.eventCount; ) {
      const records = Math.min(member.eventCount - from, recordsMax - chunk.records)
      addSpan(chunk, member, from, { memberIndex, records })
      from += records
      if (chunk.records === recordsMax) {
        yield chunk
        chunk = { records: 0, ranges: [] }
      }
    }
  }
  if (chunk.records > 0) yield chunk
}

function addSpan(chunk: KeyChunk, member: Member, from: number, span: KeySpan): void {
  const byteOffset = member.keysOffset + from * dedupRecordBytes
  const last = chunk.ranges.at(-1)
  if (member.picked !== undefined) {
    const { segmentId } = member
    const { records } = span
    chunk.ranges.push({ segmentId, byteOffset, records, spans: [span], picked: { member, from } })
  } else if (
    last?.segmentId === member.segmentId &&
    last.picked === undefined &&
    last.byteOffset + last.records * dedupRecordBytes === byteOffset
  ) {
    last.spans.push(span)
    last.records += span.records
  } else {
    const { segmentId } = member
    chunk.ranges.push({ segmentId, byteOffset, records: span.records, spans: [span] })
  }
  chunk.records += span.records
}
