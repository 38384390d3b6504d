/** What a setting is, and what the values of several are checked with. */
import { z } from 'zod'

/** One setting: its name in the environment, what it may be, and what `serve --help` says of it. */
export interface Setting {
  env: string
  schema: z.ZodType
  default: unknown
  meaning: string
}

export const setting = <Schema extends z.ZodType, Default>(
  env: string,
  schema: Schema,
  defaultValue: Default,
  meaning: string,
): { env: string; schema: Schema; default: Default; meaning: string } => ({
  env,
  schema,
  default: defaultValue,
  meaning,
})

export const mebibyte = 1024 * 1024

export const wholeNumber = (min: number, max: number) =>
  z.coerce.number().refine((value) => Number.isInteger(value) && value >= min && value <= max, {
    error: `must be a whole number from ${min} to ${max}`,
  })

export const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')
