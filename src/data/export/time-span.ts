/** Between which times the events of exported lines lie. */
import { createLineTime } from '../ingest/scan/scanned-line-identity.ts'
import { releaseBytes } from '../release-bytes.ts'
import { openMember } from '../store/open-member.ts'

export interface TimeSpan {
  minTimeMs: number
  maxTimeMs: number
}

/** Of no event at all. */
export const noSpan: TimeSpan = { minTimeMs: Number.POSITIVE_INFINITY, maxTimeMs: Number.NEGATIVE_INFINITY }

export function joinSpans(spans: Iterable<TimeSpan>): TimeSpan {
  let { minTimeMs, maxTimeMs } = noSpan
  for (const span of spans) {
    minTimeMs = Math.min(minTimeMs, span.minTimeMs)
    maxTimeMs = Math.max(maxTimeMs, span.maxTimeMs)
  }
  return { minTimeMs, maxTimeMs }
}

/** When the first and the last event of stored lines are. */
export function spanOfLines(lines: Buffer): TimeSpan {
  const timeAt = createLineTime(lines)
  let { minTimeMs, maxTimeMs } = noSpan
  for (let from = 0; from < lines.length; ) {
    const to = lines.indexOf(0x0a, from) + 1
    const timeMs = timeAt(from, to)
    minTimeMs = Math.min(minTimeMs, timeMs)
    maxTimeMs = Math.max(maxTimeMs, timeMs)
    from = to
  }
  return { minTimeMs, maxTimeMs }
}

/** Thread task: the same of a member that was written for an export. */
export function spanOfMember({ gzip }: { gzip: Uint8Array<ArrayBuffer> }): TimeSpan {
  const lines = openMember(gzip)
  const span = spanOfLines(lines)
  releaseBytes(gzip, lines)
  return span
}

export interface Spanned {
  /** No event is earlier, and none later. */
  bounds: TimeSpan
  /** Reads when the first and the last one really are, where that may be within the bounds. */
  measureSpan?(): Promise<TimeSpan>
}

/** When the first and the last event of all of them are. Only what may hold one of the two is read. */
export async function spanOfAll(parts: readonly Spanned[]): Promise<TimeSpan> {
  const measured = new Map<Spanned, TimeSpan>()
  const spanOf = async (part: Spanned): Promise<TimeSpan> => {
    const span = measured.get(part) ?? (await part.measureSpan?.()) ?? part.bounds
    measured.set(part, span)
    return span
  }
  let { minTimeMs, maxTimeMs } = noSpan
  for (const part of parts.toSorted((left, right) => left.bounds.minTimeMs - right.bounds.minTimeMs)) {
    if (part.bounds.minTimeMs >= minTimeMs) break
    minTimeMs = Math.min(minTimeMs, (await spanOf(part)).minTimeMs)
  }
  for (const part of parts.toSorted((left, right) => right.bounds.maxTimeMs - left.bounds.maxTimeMs)) {
    if (part.bounds.maxTimeMs <= maxTimeMs) break
    maxTimeMs = Math.max(maxTimeMs, (await spanOf(part)).maxTimeMs)
  }
  return { minTimeMs, maxTimeMs }
}
