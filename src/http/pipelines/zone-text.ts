import { offsetMs } from '../../local-time/zone-offsets.ts'

/** What the reference shows for a time that hasn't come yet: the first moment of the year 1. */
export const neverMs = -62_135_596_800_000

/** RFC 3339 with the zone's offset, in whole minutes as the format has it. */
export function zonedText(timeZone: string, timeMs: number): string {
  const offsetMinutes = Math.round(offsetMs(timeZone, timeMs) / 60_000)
  const wall = new Date(timeMs + offsetMinutes * 60_000).toISOString().slice(0, 19)
  const minutes = Math.abs(offsetMinutes)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${wall}${offsetMinutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** Wall-clock time and zone, like `2019-02-01 12:00:00 US/Pacific`. */
export function wallClockText(timeZone: string, timeMs: number): string {
  return `${zonedText(timeZone, timeMs).slice(0, 19).replace('T', ' ')} ${timeZone}`
}
