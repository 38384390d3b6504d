import type { SegmentId } from '../../ids.ts'

/** Bytes of a segment from `offset` on. */
export interface ByteRange {
  offset: number
  length: number
}

/** Bytes between two ranges that are read along with them: less work than another read. */
const gapBytesMax = 128 * 1024

/** Reads ranges of one segment, ascending, in as few reads as are sensible; gives the bytes of each. */
export async function readNear(
  readInto: (segmentId: SegmentId, offset: number, target: Uint8Array) => Promise<void>,
  segmentId: SegmentId,
  ranges: readonly ByteRange[],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const found: Uint8Array<ArrayBuffer>[] = []
  for (const { offset, length, parts } of joinNear(ranges)) {
    const bytes = new Uint8Array(length)
    await readInto(segmentId, offset, bytes)
    for (const part of parts) {
      const start = part.offset - offset
      found.push(bytes.subarray(start, start + part.length))
    }
  }
  return found
}

interface JoinedRange extends ByteRange {
  parts: ByteRange[]
}

function joinNear(ranges: readonly ByteRange[]): JoinedRange[] {
  const joined: JoinedRange[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last !== undefined && range.offset - last.offset - last.length <= gapBytesMax) {
      last.length = range.offset + range.length - last.offset
      last.parts.push(range)
    } else joined.push({ ...range, parts: [range] })
  }
  return joined
}
