import { z } from 'zod'
import type { SelectionChange } from '../../control/pipelines/change-pipeline.ts'
import { pipelineName, projectId } from './named-pipeline.ts'
import { flagParameter, parametersOf } from './parameter.ts'
import { eventsParameter, whereParameter } from './selection-parameters.ts'

/** An empty value of these takes the filter away; an absent one leaves it as it is. */
export const clearableParameters = ['events', 'where'] as const

const emptyToNull = (value: unknown): unknown => (value === '' ? null : value)

function namesOrNull(value: unknown): unknown {
  const names = [value].flat().filter((name) => name !== '')
  return names.length === 0 ? null : names
}

interface EditRequest {
  name: string
  change: SelectionChange
  /** It is edited even if the connection test would fail. */
  skipCheck: boolean
}

/** Parameters of `edit`. */
export const editPipelineBody = parametersOf({
  name: pipelineName,
  project_id: projectId,
  events: z.preprocess(namesOrNull, eventsParameter.nullable()).optional(),
  where: z.preprocess(emptyToNull, whereParameter.nullable()).optional(),
  skip_check: flagParameter('skip_check'),
})
  .refine(({ events, where }) => events !== undefined || where !== undefined, {
    error: 'edit changes events, where or both, so give one of them; an empty value takes the filter away',
  })
  .transform(
    ({ name, events, where, skip_check }): EditRequest => ({
      name,
      change: { ...(events === undefined ? {} : { events }), ...(where === undefined ? {} : { where }) },
      skipCheck: skip_check === 'true',
    }),
  )
