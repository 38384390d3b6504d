/** Times as the server says them: wall-clock time of the project's zone, never of the reader's own. */

/** `2024-02-21T00:30:04-08:00` as `2024-02-21 00:30:04`. */
export function wallClock(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

/** `in 4 min`, `2 h ago`. */
export function relative(iso: string, nowMs: number): string {
  const seconds = (Date.parse(iso) - nowMs) / 1000
  const away = Math.abs(seconds)
  if (away < 5) return 'now'
  const length =
    away < 90
      ? [away, 's']
      : away < 5400
        ? [away / 60, 'min']
        : away < 129_600
          ? [away / 3600, 'h']
          : [away / 86_400, 'd']
  const text = `${Math.round(length[0] as number)} ${length[1]}`
  return seconds > 0 ? `in ${text}` : `${text} ago`
}

/** Today in a zone, as `2024-02-20`. */
export function todayIn(timezone: string, nowMs: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(nowMs)
}

/** Days of the calendar, which know no hours and no zones. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** 0 is Monday. */
export function weekday(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
}

/** The first day of the month that is so many months after that of `date`. */
export function monthStart(date: string, months = 0): string {
  const [year = 0, month = 1] = date.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10)
}

export function monthEnd(date: string): string {
  return addDays(monthStart(date, 1), -1)
}

const monthName = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** `February 2024`. */
export function monthTitle(date: string): string {
  return monthName.format(Date.parse(`${date.slice(0, 7)}-01T00:00:00Z`))
}
