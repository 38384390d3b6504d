import type { LocalHour } from '../../ids.ts'
import { offsetMs } from '../../local-time/zone-offsets.ts'

const hourMs = 3_600_000
/** A folder is due this long after its last hour has ended: latecomers of the usual kind are in by then. */
const graceMs = 30 * 60_000
/** Wall clocks are at most 14 hours from UTC, and offsets change once in a while. */
const probeHours = [-16, -12, -8, -4, 0, 4, 8, 12, 16]

export interface FolderTimes {
  startMs: number
  /** When nothing can happen any more in this folder's local time. */
  endMs: number
  /** 00:30 of the next day for a day, 30 minutes past the next hour for an hour. */
  dueAtMs: number
}

/**
 * The instants of a folder's local time, which a change of the clocks may lengthen, shorten or double. Undefined for a
 * folder that the zone's wall clock skipped.
 */
export function folderTimes(timeZone: string, localHour: LocalHour, hours: 1 | 24): FolderTimes | undefined {
  const first = firstSpan(timeZone, localHour, hours, 1)
  const last = firstSpan(timeZone, (localHour + hours - 1) as LocalHour, hours, -1)
  if (first === undefined || last === undefined) return undefined
  return { startMs: first.startMs, endMs: last.endMs, dueAtMs: last.endMs + graceMs }
}

/** The first of `count` hours, counted forward or backward, that the wall clock shows. */
function firstSpan(timeZone: string, from: LocalHour, count: number, step: 1 | -1): HourSpan | undefined {
  for (let index = 0; index < count; index++) {
    const span = hourSpan(timeZone, (from + index * step) as LocalHour)
    if (span !== undefined) return span
  }
  return undefined
}

interface HourSpan {
  startMs: number
  endMs: number
}

/** From the first to the last moment at which the wall clock shows this hour; an hour shown twice is one. */
function hourSpan(timeZone: string, localHour: LocalHour): HourSpan | undefined {
  const wallMs = localHour * hourMs
  const offsets = new Set(probeHours.map((hours) => offsetMs(timeZone, wallMs + hours * hourMs)))
  const spans = [...offsets]
    .map((offset) => spanUnder(timeZone, wallMs - offset, offset))
    .filter((span) => span !== undefined)
  if (spans.length === 0) return undefined
  return {
    startMs: Math.min(...spans.map((span) => span.startMs)),
    endMs: Math.max(...spans.map((span) => span.endMs)),
  }
}

/** The part of the hour from `fromMs` on in which `offset` holds. */
function spanUnder(timeZone: string, fromMs: number, offset: number): HourSpan | undefined {
  const holds = (timeMs: number) => offsetMs(timeZone, timeMs) === offset
  const untilMs = fromMs + hourMs
  if (holds(fromMs)) {
    return { startMs: fromMs, endMs: holds(untilMs - 1) ? untilMs : changeBetween(fromMs, untilMs, holds) }
  }
  return holds(untilMs - 1)
    ? { startMs: changeBetween(fromMs, untilMs, (timeMs) => !holds(timeMs)), endMs: untilMs }
    : undefined
}

/** The first millisecond at which `before` no longer holds. */
function changeBetween(fromMs: number, untilMs: number, before: (timeMs: number) => boolean): number {
  let low = fromMs
  let high = untilMs
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (before(middle)) low = middle + 1
    else high = middle
  }
  return low
}
