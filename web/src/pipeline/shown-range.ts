import type { FoldersAnswer } from '../api/answers.ts'
import { monthEnd, monthStart } from '../words/times.ts'

/** Months of daily folders that are shown at once; of hourly ones it is one. */
const monthsOfDays = 6

export interface ShownRange {
  from: string
  to: string
  /** How far "earlier" and "later" go. */
  months: number
}

/** The months that the calendar shows: those from `month` on, or the last ones of what there is. Pure. */
export function shownRange(
  whole: Pick<FoldersAnswer, 'frequency' | 'from_date' | 'to_date'>,
  month: string | undefined,
): ShownRange {
  const months = whole.frequency === 'hourly' ? 1 : monthsOfDays
  const first = monthStart(whole.from_date)
  const newest = monthStart(whole.to_date, 1 - months)
  const wanted = month === undefined ? newest : `${month}-01`
  const [start = first] = [first, wanted].sort().slice(-1)
  return { from: start, to: monthEnd(monthStart(start, months - 1)), months }
}
