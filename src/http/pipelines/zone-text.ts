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

/**
 * Texts like `2019-08-19 14:27:46.044 -0700 PDT`, as Go prints a time and the reference shows one. Where a zone has no
 * letters of its own its offset stands in their place, as in Go.
 */
export function loggedTexts(timeZone: string): (timeMs: number) => string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' })
  return (timeMs) => {
    const zoned = zonedText(timeZone, timeMs)
    const offset = zoned.slice(19).replace(':', '')
    const name = format.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const fraction = `.${String(((timeMs % 1000) + 1000) % 1000).padStart(3, '0')}`.replace(/\.?0+$/, '')
    const letters = /^[A-Z]{3,5}$/.test(name) ? name : offset
    return `${zoned.slice(0, 19).replace('T', ' ')}${fraction} ${offset} ${letters}`
  }
}

/** Wall-clock time and zone, like `2019-02-01 12:00:00 US/Pacific`. */
export function wallClockText(timeZone: string, timeMs: number): string {
  return `${zonedText(timeZone, timeMs).slice(0, 19).replace('T', ' ')} ${timeZone}`
}
