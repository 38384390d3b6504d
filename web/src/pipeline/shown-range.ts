import type { FoldersAnswer } from '../api/answers.ts'
import { addDays, monthEnd, monthStart, monthTitle } from '../words/times.ts'

/** Months of daily folders that are shown at once; of hourly ones it is one. */
const monthsOfDays = 6
const daysOfHours = 31

export interface ShownRange {
  from: string
  to: string
  /** How far "earlier" and "later" go. */
  months: number
}

type Whole = Pick<FoldersAnswer, 'frequency' | 'from_date' | 'to_date'>

/** The months that the calendar shows: those from `month` on, or the newest of what there is. Pure. */
export function shownRange(whole: Whole, month: string | undefined): ShownRange {
  if (whole.frequency === 'hourly' && month === undefined) {
    // The days that end today, not a month that has just begun.
    const from = later(whole.from_date, addDays(whole.to_date, 1 - daysOfHours))
    return { from, to: whole.to_date, months: 1 }
  }
  const months = whole.frequency === 'hourly' ? 1 : monthsOfDays
  const from = later(
    monthStart(whole.from_date),
    month === undefined ? monthStart(whole.to_date, 1 - months) : `${month}-01`,
  )
  const [to = whole.to_date] = [monthEnd(monthStart(from, months - 1)), monthEnd(whole.to_date)].sort()
  return { from, to, months }
}

/** The first day of the months before. Pure. */
export function earlierThan({ from, months }: ShownRange): string {
  return from === monthStart(from) ? monthStart(from, -months) : monthStart(from, 1 - months)
}

/** `February 2024`, or `2024-02-01 – 2024-03-02`. Pure. */
export function titleOf({ from, to, months }: ShownRange): string {
  if (months === 1 && from === monthStart(from)) return monthTitle(from)
  return months === 1 ? `${from} – ${to}` : `${from.slice(0, 7)} – ${to.slice(0, 7)}`
}

function later(one: string, other: string): string {
  return one > other ? one : other
}
