import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { SegmentId } from '../../ids.ts'

/** Makes ids that sort by the time of their making, also within one millisecond and when the clock is set back. */
export function createSegmentIds(clock: Clock): () => SegmentId {
  let lastMs = 0
  return () => {
    lastMs = Math.max(clock.nowMs(), lastMs + 1)
    return `${lastMs.toString(16).padStart(12, '0')}${randomBytes(8).toString('hex')}` as SegmentId
  }
}

/** When a segment was made, milliseconds since the epoch: its id begins with it. */
export function segmentMadeAtMs(id: SegmentId): number {
  return Number.parseInt(id.slice(0, 12), 16)
}
