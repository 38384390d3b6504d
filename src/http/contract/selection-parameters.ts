/** Parameters that say which events a pipeline exports, as `create` and `edit` take them. */
import { z } from 'zod'
import { checkWhere, whereLengthMax } from '../../data/segmentation/where.ts'
import { shown, textParameter } from './parameter.ts'

/** The longest name of an event that the ingestion API takes. */
const eventNameLengthMax = 255
const eventsMax = 1000

/** A list of names of events, each of them once; `parameter` is what messages call it. */
export function eventNames(parameter: string) {
  const name = textParameter(parameter, 'must be names of events').check(
    z.maxLength(eventNameLengthMax, {
      error: ({ input }) =>
        `${parameter} ${shown(input)} must be at most ${eventNameLengthMax} characters long`,
    }),
  )
  return z
    .array(name)
    .max(eventsMax, { error: `${parameter} may name at most ${eventsMax} events` })
    .transform((names) => [...new Set(names)])
}

export const eventsParameter = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  eventNames('events'),
)

export const whereParameter = textParameter('where', 'must be a segmentation expression')
  .check(
    z.maxLength(whereLengthMax, {
      error: `where must be at most ${whereLengthMax} characters long`,
      abort: true,
    }),
  )
  .check((context) => {
    const found = checkWhere(context.value)
    if ('problem' in found) {
      const message = `where ${shown(context.value)} ${found.problem}`
      context.issues.push({ code: 'custom', input: context.value, message })
    }
  })

/** What an answer says of an expression that was taken: what in it is the same for every event. */
export function whereWarnings(where: string | null | undefined): string[] {
  const found = where === null || where === undefined ? undefined : checkWhere(where)
  if (found === undefined || 'problem' in found) return []
  return found.warnings.map((warning) => `where ${warning}`)
}
