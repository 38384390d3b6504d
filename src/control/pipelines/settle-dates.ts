import { addDays } from './calendar-date.ts'
import type { PipelineRequest, SettledRequest } from './pipeline-request.ts'

/** A trial exports the day before it was created, and then as many days as this. */
const trialDays = 30

/** The request with its days: a trial's follow from today, the date in the project's zone. Pure. */
export function settleDates(request: PipelineRequest, today: string): SettledRequest {
  const fromDate = request.fromDate ?? addDays(today, -1)
  if (!request.trial) return { ...request, fromDate }
  const firstDay = fromDate > today ? fromDate : today
  return { ...request, fromDate, toDate: addDays(firstDay, trialDays - 1) }
}
