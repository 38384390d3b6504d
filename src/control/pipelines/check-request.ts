import type { PenstockError } from '../../errors/penstock-error.ts'
import { addDays, subtractMonths } from './calendar-date.ts'
import type { Frequency } from './pipeline.ts'
import { foldersTaken, limitReached, parameterRefused } from './pipeline-errors.ts'
import type { SettledRequest } from './pipeline-request.ts'

/** Bounds that an operator sets. */
export interface PipelineLimits {
  backfillMonthsMax: number
  recurringMax: number
  datedMax: number
}

/** A pipeline that the project has already. */
export interface ExistingPipeline {
  name: string
  trial: boolean
  frequency: Frequency
  fromDate: string
  toDate: string | null
  bucket: string
  prefix: string | null
}

/** A pipeline may be set up ahead of its time, but a year far off is a slip of the pen. */
const daysAheadMax = 366

/** What forbids a request today, in this project, if anything does. Pure. */
export function checkRequest(
  request: SettledRequest,
  existing: readonly ExistingPipeline[],
  limits: PipelineLimits,
  today: string,
): PenstockError | undefined {
  return (
    checkDates(request, limits, today) ??
    (request.trial ? checkTrials(existing) : checkLimits(request, existing, limits)) ??
    checkFolders(request, existing)
  )
}

function checkDates(
  { fromDate, trial }: SettledRequest,
  { backfillMonthsMax }: PipelineLimits,
  today: string,
): PenstockError | undefined {
  const earliest = trial ? addDays(today, -1) : subtractMonths(today, backfillMonthsMax)
  if (fromDate < earliest) {
    if (trial)
      return parameterRefused(`from_date ${fromDate} must be ${earliest} or later: a trial goes one day back`)
    const months = `${backfillMonthsMax} ${backfillMonthsMax === 1 ? 'month' : 'months'}`
    return parameterRefused(`from_date ${fromDate} must be ${earliest} or later: at most ${months} back`)
  }
  const latest = addDays(today, daysAheadMax)
  if (fromDate > latest) return parameterRefused(`from_date ${fromDate} must be ${latest} or earlier`)
  return undefined
}

/** A trial can't be canceled, so the first is the only one for ever. */
function checkTrials(existing: readonly ExistingPipeline[]): PenstockError | undefined {
  const trial = existing.find((pipeline) => pipeline.trial)
  if (trial === undefined) return undefined
  return limitReached(`the project has 1 of 1 trial pipelines (${trial.name}); create one without trial`)
}

function checkLimits(
  { toDate, frequency }: SettledRequest,
  existing: readonly ExistingPipeline[],
  { recurringMax, datedMax }: PipelineLimits,
): PenstockError | undefined {
  const isRecurring = toDate === null
  const alike = existing.filter((pipeline) => !pipeline.trial && (pipeline.toDate === null) === isRecurring)
  const max = isRecurring ? recurringMax : datedMax
  if (alike.length >= max) {
    const kind = isRecurring ? 'without to_date' : 'with to_date'
    const used = alike.length === 0 ? 'none' : alike.map((pipeline) => pipeline.name).join(', ')
    return limitReached(
      `the project has ${alike.length} of ${max} pipelines ${kind} (${used}); cancel one first`,
    )
  }
  const same = alike.find((pipeline) => isRecurring && pipeline.frequency === frequency)
  if (same === undefined) return undefined
  const other = frequency === 'daily' ? 'hourly' : 'daily'
  return limitReached(
    `frequency ${frequency} is taken by ${same.name}; pipelines without to_date must differ in frequency, so use ${other} or cancel that one first`,
  )
}

function checkFolders(
  { destination, fromDate, toDate }: SettledRequest,
  existing: readonly ExistingPipeline[],
): PenstockError | undefined {
  const same = existing.find(
    (pipeline) =>
      pipeline.bucket === destination.bucket &&
      pipeline.prefix === destination.prefix &&
      (toDate === null || pipeline.fromDate <= toDate) &&
      (pipeline.toDate === null || fromDate <= pipeline.toDate),
  )
  if (same === undefined) return undefined
  const days = `from ${same.fromDate} ${same.toDate === null ? 'on' : `to ${same.toDate}`}`
  return foldersTaken(
    `s3_bucket and s3_prefix are those of ${same.name}, which writes the days ${days}; choose another s3_prefix or other days`,
  )
}
