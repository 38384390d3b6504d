import { z } from 'zod'
import { readForm } from '../../data/ingest/form-fields.ts'
import { PenstockError } from '../../errors/penstock-error.ts'

/** Parameters of the URL, the first of each name, strictly decoded. */
export function readQuery(url: string): Map<string, string> {
  const question = url.indexOf('?')
  return question === -1 ? new Map() : readForm(url.slice(question + 1))
}

/** Parses the parameters that the schema names; others pass unseen, since SDKs send more than the reference lists. */
export function parseParameters<Schema extends z.ZodObject>(
  schema: Schema,
  parameters: Map<string, string>,
): z.output<Schema> {
  const parsed = schema.safeParse(Object.fromEntries(parameters))
  if (parsed.success) return parsed.data
  const sentences = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
  throw new PenstockError('caller', 'INGEST_PARAMETER_INVALID', sentences.join('; '))
}

/** `1` or `0`, as the reference has it; also the words, which some SDKs send. Empty means absent. */
export const flag = z
  .enum(['0', '1', 'true', 'false', ''], { error: 'must be 0 or 1' })
  .optional()
  .transform((text) => text === '1' || text === 'true')
