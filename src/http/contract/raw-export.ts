/** Parameters of the Raw Export API, `GET /api/2.0/export`. */
import { z } from 'zod'
import { checkedParameter, dateParameter, parametersOf, shown, textParameter } from './parameter.ts'
import { eventNames, whereParameter } from './selection-parameters.ts'

export const rawExportLimitMax = 100_000

const limit = checkedParameter(
  'limit',
  `is how many events to answer at most, up to ${rawExportLimitMax}`,
  (text) =>
    /^[1-9]\d{0,5}$/.test(text) && Number(text) <= rawExportLimitMax
      ? undefined
      : `must be a whole number from 1 to ${rawExportLimitMax}`,
)

const eventRule = 'must be a JSON array of names of events, like ["Signed up"]'

const event = textParameter('event', eventRule).transform((text, context): string[] => {
  const names = namesIn(text)
  if (names !== undefined) return names
  context.issues.push({ code: 'custom', input: text, message: `event ${shown(text)} ${eventRule}` })
  return z.NEVER
})

/** Undefined for what is no such list. */
function namesIn(text: string): string[] | undefined {
  try {
    const names = z.array(z.string()).min(1).safeParse(JSON.parse(text))
    return names.data
  } catch {
    return undefined
  }
}

/** As Python and shells spell it, too. */
const flags: Record<string, boolean> = { true: true, '1': true, false: false, '0': false }

const timeInMs = checkedParameter('time_in_ms', 'is true or false', (text) =>
  flags[text.toLowerCase()] === undefined ? 'must be true or false' : undefined,
)

export const rawExportQuery = parametersOf({
  project_id: z.string().optional(),
  from_date: dateParameter('from_date'),
  to_date: dateParameter('to_date'),
  event: event.pipe(eventNames('event')).optional(),
  where: whereParameter.optional(),
  limit: limit.optional(),
  time_in_ms: timeInMs.optional(),
})
  .check((context) => {
    const { from_date: from, to_date: to } = context.value
    if (from > to) {
      const message = `to_date ${to} must not be before from_date ${from}`
      context.issues.push({ code: 'custom', input: to, path: ['to_date'], message })
    }
  })
  .transform(({ from_date, to_date, event: events, where, limit: most, time_in_ms }) => ({
    fromDate: from_date,
    toDate: to_date,
    eventNames: events ?? null,
    where: where ?? null,
    limit: most === undefined ? undefined : Number(most),
    ...(flags[time_in_ms?.toLowerCase() ?? 'false'] === true ? { timeInMs: true as const } : {}),
  }))

export type RawExportQuery = z.output<typeof rawExportQuery>

/** Lines of JSON, each an event: `{"event": "Signed up", "properties": {"time": 1602611311, …}}`. */
export const rawExportAnswer = z.string()
