/** Looking at events that are stored: `preview`, `estimate`, `events/recent`. */
import { z } from 'zod'
import { frequencies } from '../../control/pipelines/pipeline.ts'
import { projectId } from './named-pipeline.ts'
import { checkedParameter, choiceParameter, dateParameter, parametersOf, textParameter } from './parameter.ts'
import { eventsParameter, whereParameter } from './selection-parameters.ts'

export const searchedEventsMax = 100
const searchedEventsDefault = 20

const limit = checkedParameter(
  'limit',
  `is how many events to answer at most, up to ${searchedEventsMax}`,
  (text) =>
    /^[1-9]\d{0,2}$/.test(text) && Number(text) <= searchedEventsMax
      ? undefined
      : `must be a whole number from 1 to ${searchedEventsMax}`,
)
  .optional()
  .transform((text) => (text === undefined ? searchedEventsDefault : Number(text)))

/** Parameters of `preview`. */
export const previewBody = parametersOf({
  project_id: projectId,
  events: eventsParameter.optional(),
  where: whereParameter.optional(),
  to_date: dateParameter('to_date').optional(),
  limit,
})

/** Parameters of `events/recent`. */
export const recentQuery = parametersOf({
  project_id: projectId,
  distinct_id: textParameter('distinct_id', 'must be the distinct_id of a user'),
  to_date: dateParameter('to_date').optional(),
  limit,
})

/** An event as exports have it. */
const storedEvent = z.looseObject({ event: z.string(), properties: z.looseObject({}) })

/** Of `preview` and `events/recent`. */
export const searchAnswer = z.strictObject({
  /** The newest first. */
  events: z.array(storedEvent),
  /** Every day from this one on, up to the newest, was looked through but for events_skipped; null: no event is stored. */
  searched_from: z.iso.date().nullable(),
  /** How many stored events were looked at. */
  events_searched: z.number().int(),
  /** Events that were not looked at, because a day has more than one search may open; where there are some. */
  events_skipped: z.number().int().optional(),
  /** Nothing older can match: there is nothing older, or `limit` was reached within what was looked at. False: the search broke off. */
  complete: z.boolean(),
  /** To look further back, as `to_date`; null: there is nothing older. */
  next_to_date: z.iso.date().nullable(),
})

export type SearchAnswer = z.output<typeof searchAnswer>

/** Parameters of `estimate`. */
export const estimateBody = parametersOf({
  project_id: projectId,
  from_date: dateParameter('from_date'),
  to_date: dateParameter('to_date').optional(),
  frequency: choiceParameter('frequency', frequencies).optional(),
  events: eventsParameter.optional(),
}).check((context) => {
  const { from_date: from, to_date: to } = context.value
  if (to === undefined || from <= to) return
  const message = `to_date ${to} must not be before from_date ${from}`
  context.issues.push({ code: 'custom', input: to, path: ['to_date'], message })
})

/** Of the folders that a pipeline like this would export at once, because they are due already. */
export const estimateAnswer = z.strictObject({
  folders: z.number().int(),
  /** Duplicates among them. */
  events: z.number().int(),
  /** Compressed. */
  bytes: z.number().int(),
  /** False where events were asked for by name and stand among others: then the numbers are upper bounds. */
  exact: z.boolean(),
  /** How long it would take; null: nothing was exported yet from which it could be told. */
  seconds: z.number().int().nullable(),
  /** Whose exports of late the length is told from. */
  measured_from: z.enum(['project', 'server']).nullable(),
})
