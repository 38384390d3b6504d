/** Days of the demo's project: never those of the machine's own time zone. */
import { Temporal } from 'temporal-polyfill'

export interface Day {
  /** `YYYY-MM-DD` */
  date: string
  startMs: number
  endMs: number
}

export interface Calendar {
  timeZone: string
  /** Days that are over and due, the oldest first. */
  past: Day[]
  today: Day
}

/** One west and one east of UTC, eight or nine hours apart. */
const zones = ['America/Los_Angeles', 'Europe/Berlin'] as const

/**
 * The zone whose day neither ends nor becomes due (at 00:30) while the demo runs: what is expected in the bucket must
 * not change on the way.
 */
export function chooseTimeZone(nowMs: number): string {
  const { hour } = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zones[0])
  return hour >= 1 && hour < 23 ? zones[0] : zones[1]
}

/** Today and the days before it. */
export function makeCalendar(nowMs: number, pastDays: number): Calendar {
  const timeZone = chooseTimeZone(nowMs)
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const day = (daysAgo: number): Day => makeDay(timeZone, today.subtract({ days: daysAgo }))
  const past = Array.from({ length: pastDays }, (_, index) => day(pastDays - index))
  return { timeZone, past, today: day(0) }
}

function makeDay(timeZone: string, date: Temporal.PlainDate): Day {
  const startOf = (plain: Temporal.PlainDate): number => plain.toZonedDateTime(timeZone).epochMilliseconds
  return { date: date.toString(), startMs: startOf(date), endMs: startOf(date.add({ days: 1 })) }
}
