import { z } from 'zod'
import { runStates } from '../../control/runs/run-state.ts'
import {
  checkedParameter,
  dateParameter,
  parametersOf,
  shown,
  spelledFlag,
  textParameter,
} from './parameter.ts'

export const pipelineName = textParameter('name', 'must be the name of a pipeline')
export const projectId = z.string().optional()

const hourRule = 'must be an hour of the day, 00 to 23'

/** Parameters of `pause`, `resume`, `cancel` and `timeline`. */
export const namedPipeline = parametersOf({ name: pipelineName, project_id: projectId })

/** Parameters of `manifest`. */
export const manifestQuery = parametersOf({
  name: pipelineName,
  project_id: projectId,
  date: dateParameter('date'),
  hour: checkedParameter('hour', hourRule, (value) =>
    /^([01]?\d|2[0-3])$/.test(value) ? undefined : hourRule,
  ).optional(),
})

export type ManifestQuery = z.output<typeof manifestQuery>

/** Parameters of `jobs`. */
export const jobsQuery = parametersOf({ project_id: projectId })

const runState = z.enum(runStates, {
  error: ({ input }) => `status ${shown(input)} must be one of ${runStates.join(', ')}`,
})

/** Parameters of `status`. */
export const statusQuery = parametersOf({
  name: pipelineName,
  project_id: projectId,
  summary: spelledFlag(
    z
      .enum(['true', 'false'], { error: ({ input }) => `summary ${shown(input)} must be true or false` })
      .optional(),
  ),
  status: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(runState))
    .optional(),
})

export type StatusQuery = z.output<typeof statusQuery>
