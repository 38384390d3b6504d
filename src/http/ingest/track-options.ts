import { z } from 'zod'
import { flag, parseParameters } from './query-parameters.ts'

/** A function's name or path, or the one thing else that an SDK sends: a function that does nothing. */
const callbackName = /^(?:[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*|\(function\(\)\{\}\))$/
const callbackLengthMax = 255

const parameters = z.object({
  data: z.string().optional(),
  ip: flag,
  verbose: flag,
  img: flag,
  callback: z
    .string()
    // It is written into a script: anything but a name could be a script of its own.
    .refine((name) => name === '' || (name.length <= callbackLengthMax && callbackName.test(name)), {
      error: 'must be the name of a JavaScript function, such as app.tracked',
    })
    .optional(),
})

export type TrackOptions = z.output<typeof parameters>

export function readTrackOptions(query: Map<string, string>): TrackOptions {
  return parseParameters(parameters, query)
}

/** Options of a form, where an SDK puts there what others put into the query; the query goes first. */
export function mergeTrackOptions(query: TrackOptions, fields: Map<string, string>): TrackOptions {
  const form = readTrackOptions(fields)
  return { ...query, verbose: query.verbose || form.verbose, img: query.img || form.img }
}
