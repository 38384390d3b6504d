/** `schema`: which events a project has, with which properties, of which types, and how many a day. */
import { z } from 'zod'
import { projectId } from './named-pipeline.ts'
import { dateParameter, parametersOf } from './parameter.ts'

/** Days of one answer. */
export const schemaDaysMax = 92

export const schemaQuery = parametersOf({
  project_id: projectId,
  from_date: dateParameter('from_date').optional(),
  to_date: dateParameter('to_date').optional(),
})

const valueTypes = ['text', 'number', 'boolean', 'list', 'object', 'null'] as const

const property = z.strictObject({
  name: z.string(),
  /** How many of the sampled events have it with a value of each type. */
  types: z.partialRecord(z.enum(valueTypes), z.number().int()),
})

const describedEvent = z.strictObject({
  event: z.string(),
  /** Of the days of the answer, duplicates among them. */
  count: z.number().int(),
  /** Days without are left out. */
  days: z.array(z.strictObject({ date: z.iso.date(), count: z.number().int() })),
  /** False: some of its events stand among others in the store, and were counted by a sample. */
  exact: z.boolean(),
  /** How many of its events were looked at for its properties. */
  sampled: z.number().int(),
  properties: z.array(property),
})

export const schemaAnswer = z.strictObject({
  from_date: z.iso.date(),
  to_date: z.iso.date(),
  timezone: z.string(),
  /** The most frequent first. */
  events: z.array(describedEvent),
  /** Whether there are more names, or more properties, than an answer holds. */
  truncated: z.boolean(),
})

export type SchemaAnswer = z.output<typeof schemaAnswer>
