import { z } from 'zod'
import type { PipelineDestination } from '../../control/pipelines/pipeline.ts'
import {
  type ConnectionTest,
  stepNames,
  type TestedStep,
} from '../../workflows/connection-test/tested-step.ts'
import { destinationConflicts, destinationOf, destinationShape } from './destination-parameters.ts'
import { parametersOf } from './parameter.ts'

/** Parameters of `test`. */
export const testBody = parametersOf({ project_id: z.string().optional(), ...destinationShape })
  .check((context) => {
    for (const [name, message] of destinationConflicts(context.value)) {
      context.issues.push({ code: 'custom', input: context.value, path: [name], message })
    }
  })
  .transform((given): PipelineDestination => destinationOf(given))

const repair = z.strictObject({
  /** Whose policy it is. */
  policy: z.enum(['role', 'trust', 'bucket', 'key', 'operator', 'boundary', 'organization']),
  /** What to do with `json`. */
  how: z.string(),
  /** A statement, or a condition of one, ready to paste. */
  json: z.looseObject({}).nullable(),
})

export const testedStep = z.strictObject({
  step: z.enum(stepNames),
  result: z.enum(['passed', 'warned', 'failed', 'not tried']),
  code: z.string().nullable(),
  found: z.string(),
  repairs: z.array(repair),
})

/** Of `test`, of a refused `create`, and of the command line's `check aws --json`. */
export const connectionAnswer = z.strictObject({ ok: z.boolean(), steps: z.array(testedStep) })

export function connectionDocument({ ok, steps }: ConnectionTest): z.input<typeof connectionAnswer> {
  return {
    ok,
    steps: steps.map(stepDocument),
  }
}

export function stepDocument(tested: TestedStep): z.input<typeof testedStep> {
  return {
    ...tested,
    repairs: tested.repairs.map((each) => ({ ...each, json: each.json && { ...each.json } })),
  }
}
