/** Spans of time as members have them: from their first to their last event. */
export interface TimeSpan {
  minTimeMs: number
  maxTimeMs: number
}

/** Tells of any span whether it touches one of these; both ends belong to a span. */
export function touchesOneOf(spans: readonly TimeSpan[]): (span: TimeSpan) => boolean {
  const joined = joinSpans(spans)
  return ({ minTimeMs, maxTimeMs }) => {
    let low = 0
    let high = joined.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((joined[middle]?.maxTimeMs ?? 0) < minTimeMs) low = middle + 1
      else high = middle
    }
    const next = joined[low]
    return next !== undefined && next.minTimeMs <= maxTimeMs
  }
}

/** The same moments in spans that don't touch, in order. */
function joinSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  const joined: TimeSpan[] = []
  for (const { minTimeMs, maxTimeMs } of spans.toSorted((a, b) => a.minTimeMs - b.minTimeMs)) {
    const last = joined.at(-1)
    if (last !== undefined && minTimeMs <= last.maxTimeMs)
      last.maxTimeMs = Math.max(last.maxTimeMs, maxTimeMs)
    else joined.push({ minTimeMs, maxTimeMs })
  }
  return joined
}
