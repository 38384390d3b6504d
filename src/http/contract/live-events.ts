/** `live`: server-sent events of what a project's clients send, and of what is refused. */
import { z } from 'zod'
import { projectId } from './named-pipeline.ts'
import { parametersOf } from './parameter.ts'

export const liveQuery = parametersOf({ project_id: projectId })

/** `event: hello`, the first one. */
export const liveHello = z.strictObject({
  project_id: z.number().int(),
  /** Whether any event of the project is stored: the light of the set-up page. */
  has_events: z.boolean(),
  /** When events came in last, as far as the index tells; null: never, or longer ago than it keeps. */
  last_arrival_at: z.iso.datetime().nullable(),
})

const storedEvent = z.looseObject({ event: z.string(), properties: z.looseObject({}) })

/** `event: arrivals`: what has become durable since the one before; at most one a second. */
export const liveArrivals = z.strictObject({
  at: z.iso.datetime(),
  events: z.number().int(),
  /** Of these, the newest, as they are stored; of more than that, some. */
  sample: z.array(storedEvent),
})

/** `event: refusals`: what clients were refused; first what is remembered, then what is new or has been refused again. */
export const liveRefusals = z.strictObject({
  refusals: z.array(
    z.strictObject({
      /** Stays the same while it counts on. */
      id: z.string(),
      /** `/import`, `/track`. */
      path: z.string(),
      /** The field of the event that is wrong; null: the whole request. */
      field: z.string().nullable(),
      /** Why, as the client was told. */
      message: z.string(),
      count: z.number().int(),
      first_at: z.iso.datetime(),
      last_at: z.iso.datetime(),
    }),
  ),
})

/** `event: end`, the last one. */
export const liveEnd = z.strictObject({ reason: z.enum(['session_over', 'server_stopping', 'too_long']) })

/** What `data:` of one event holds. */
export const liveAnswer = z.union([liveHello, liveArrivals, liveRefusals, liveEnd])
