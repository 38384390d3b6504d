import { z } from 'zod'
import { type ConnectionTest, stepNames } from '../../workflows/connection-test/tested-step.ts'

const repair = z.strictObject({
  /** Whose policy it is. */
  policy: z.enum(['role', 'trust', 'bucket', 'key', 'operator', 'boundary', 'organization']),
  /** What to do with `json`. */
  how: z.string(),
  /** A statement, or a condition of one, ready to paste. */
  json: z.looseObject({}).nullable(),
})

const step = z.strictObject({
  step: z.enum(stepNames),
  result: z.enum(['passed', 'warned', 'failed', 'not tried']),
  code: z.string().nullable(),
  found: z.string(),
  repairs: z.array(repair),
})

/** Of `test`, of a refused `create`, and of the command line's `check aws --json`. */
export const connectionAnswer = z.strictObject({ ok: z.boolean(), steps: z.array(step) })

export function connectionDocument({ ok, steps }: ConnectionTest): z.input<typeof connectionAnswer> {
  return {
    ok,
    steps: steps.map((tested) => ({
      ...tested,
      repairs: tested.repairs.map((each) => ({ ...each, json: each.json && { ...each.json } })),
    })),
  }
}
