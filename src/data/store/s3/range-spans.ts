/** Joins ranges that lie near one another into spans, each of which is one request. Pure. */
import type { SegmentId } from '../../../ids.ts'
import type { SegmentRange } from '../blob-store.ts'

export interface RangeSpan {
  segmentId: SegmentId
  from: number
  /** One past the last byte. */
  to: number
  /** Places of its ranges in what was given, in the order of their offsets. */
  places: number[]
}

/** Bytes that are sooner read and dropped than asked around. */
const gapBytesMax = 256 * 1024

/** Empty ranges are in no span: there is nothing to ask for. */
export function joinRanges(ranges: readonly SegmentRange[]): RangeSpan[] {
  const spans: RangeSpan[] = []
  for (const [place, { segmentId, offset, length }] of ranges.entries()) {
    if (length === 0) continue
    const last = spans.at(-1)
    if (last?.segmentId === segmentId && offset >= last.to && offset - last.to <= gapBytesMax) {
      last.to = offset + length
      last.places.push(place)
    } else {
      spans.push({ segmentId, from: offset, to: offset + length, places: [place] })
    }
  }
  return spans
}

/** Takes what the ranges of a span want from its bytes as they come, and drops what lies between. */
export class SpanFiller {
  readonly #targets: { offset: number; bytes: Uint8Array }[]
  #at: number
  #next = 0

  /** @param targets in the order of their offsets, without overlaps */
  constructor(from: number, targets: { offset: number; bytes: Uint8Array }[]) {
    this.#at = from
    this.#targets = targets
  }

  take(chunk: Uint8Array): void {
    const end = this.#at + chunk.length
    for (; this.#next < this.#targets.length; this.#next++) {
      const { offset, bytes } = this.#targets[this.#next] as { offset: number; bytes: Uint8Array }
      if (offset >= end) break
      const from = Math.max(offset, this.#at)
      const to = Math.min(offset + bytes.length, end)
      bytes.set(chunk.subarray(from - this.#at, to - this.#at), from - offset)
      // The rest of it is in the next chunk.
      if (offset + bytes.length > end) break
    }
    this.#at = end
  }
}
