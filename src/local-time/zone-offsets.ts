/**
 * From UTC to a zone's wall clock, fast enough for every event: a table of the zone's offset changes, made once from
 * Temporal, and a binary search in it. Calling Temporal per event would cost a hundred times as much.
 */
import { Temporal } from 'temporal-polyfill'
import type { LocalHour } from '../ids.ts'

interface ZoneTable {
  /** Instants at which the offset changes, ascending; milliseconds since the epoch. */
  changesMs: Float64Array
  /** `offsetsMs[i]` holds before `changesMs[i]`, and the last one after all of them. */
  offsetsMs: Float64Array
  /** Changes are known up to here. */
  knownUntilMs: number
}

const yearMs = 366 * 86_400_000
const tables = new Map<string, ZoneTable>()

/**
 * The hour of the zone's wall clock in which an instant lies, counted from 1970-01-01T00 of that wall clock.
 * @param timeZone IANA name
 * @param timeMs milliseconds since the epoch, UTC
 */
export function localHour(timeZone: string, timeMs: number): LocalHour {
  return Math.floor((timeMs + offsetMs(timeZone, timeMs)) / 3_600_000) as LocalHour
}

/** What the zone's wall clock is ahead of UTC at an instant. */
export function offsetMs(timeZone: string, timeMs: number): number {
  const { changesMs, offsetsMs } = tableFor(timeZone, timeMs)
  let low = 0
  let high = changesMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((changesMs[middle] ?? 0) <= timeMs) low = middle + 1
    else high = middle
  }
  return offsetsMs[low] ?? 0
}

function tableFor(timeZone: string, timeMs: number): ZoneTable {
  const known = tables.get(timeZone)
  if (known !== undefined && timeMs < known.knownUntilMs) return known
  const table = makeTable(timeZone, Math.max(timeMs, Date.now()) + 2 * yearMs)
  tables.set(timeZone, table)
  return table
}

function makeTable(timeZone: string, knownUntilMs: number): ZoneTable {
  let moment = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone)
  const changesMs: number[] = []
  const offsetsMs = [offsetOf(moment)]
  for (;;) {
    const next = moment.getTimeZoneTransition('next')
    if (next === null || next.epochMilliseconds > knownUntilMs) break
    changesMs.push(next.epochMilliseconds)
    offsetsMs.push(offsetOf(next))
    moment = next
  }
  return { changesMs: Float64Array.from(changesMs), offsetsMs: Float64Array.from(offsetsMs), knownUntilMs }
}

function offsetOf(moment: Temporal.ZonedDateTime): number {
  return moment.offsetNanoseconds / 1e6
}
