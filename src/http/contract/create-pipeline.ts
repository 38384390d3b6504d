import { z } from 'zod'
import { frequencies } from '../../control/pipelines/pipeline.ts'
import type { PipelineRequest } from '../../control/pipelines/pipeline-request.ts'
import { destinationConflicts, destinationOf, destinationShape } from './destination-parameters.ts'
import {
  checkedParameter,
  choiceParameter,
  dateParameter,
  dateRule,
  flagParameter,
  parametersOf,
} from './parameter.ts'
import { eventsParameter, whereParameter } from './selection-parameters.ts'

const otherTypes = ['gcs-raw', 'azure-raw', 'bigquery', 'snowflake', 'aws', 'azure-blob', 'gcs-schema']

const type = checkedParameter('type', 'must be s3-raw', (value) => {
  if (value === 's3-raw') return undefined
  return otherTypes.includes(value) ? 'is not supported; supported is s3-raw' : 'must be s3-raw'
})

/** Every parameter of `create`, each on its own. Empty values count as absent, and are gone before this is asked. */
const parameters = parametersOf({
  type,
  project_id: z.string().optional(),
  from_date: dateParameter('from_date').optional(),
  to_date: dateParameter('to_date').optional(),
  frequency: choiceParameter('frequency', frequencies).optional(),
  events: eventsParameter.optional(),
  where: whereParameter.optional(),
  data_source: choiceParameter('data_source', ['events']).optional(),
  data_format: choiceParameter('data_format', ['json']).optional(),
  trial: flagParameter('trial'),
  sync: flagParameter('sync'),
  manifest: flagParameter('manifest'),
  ...destinationShape,
  skip_check: flagParameter('skip_check'),
})

type Parameters = z.output<typeof parameters>

/** The parameters of `create`, checked against one another, as a request to the control plane. */
export const createPipelineBody = parameters
  .check((context) => {
    for (const [name, message] of conflicts(context.value)) {
      context.issues.push({ code: 'custom', input: context.value, path: [name], message })
    }
  })
  .transform((given) => ({
    request: pipelineRequest(given),
    /** It is made even if the connection test would fail. */
    skipCheck: given.skip_check === 'true',
  }))

type Conflict = [name: keyof Parameters, message: string]

/** What each parameter may be beside the others. */
function conflicts(given: Parameters): Conflict[] {
  const found: Conflict[] = []
  if (given.trial === 'true') found.push(...trialConflicts(given))
  else found.push(...dateConflicts(given))
  found.push(...destinationConflicts(given))
  return found
}

function dateConflicts({ from_date: from, to_date: to, frequency }: Parameters): Conflict[] {
  if (from === undefined) return [['from_date', `from_date is missing: it ${dateRule}`]]
  const found: Conflict[] = []
  if (to !== undefined && to < from) {
    found.push(['to_date', `to_date ${to} must not be before from_date ${from}`])
  }
  if (to !== undefined && frequency !== undefined) {
    found.push(['frequency', 'frequency goes only with an empty to_date; with to_date the export is daily'])
  }
  return found
}

function trialConflicts(given: Parameters): Conflict[] {
  const found: Conflict[] = []
  if (given.to_date !== undefined)
    found.push(['to_date', 'to_date does not go with trial=true: a trial ends after thirty days'])
  if (given.frequency === 'hourly') found.push(['frequency', 'frequency must be daily with trial=true'])
  for (const name of ['events', 'where'] as const) {
    if (given[name] !== undefined)
      found.push([name, `${name} does not go with trial=true: a trial exports every event`])
  }
  return found
}

function pipelineRequest(given: Parameters): PipelineRequest {
  return {
    trial: given.trial === 'true',
    fromDate: given.from_date ?? null,
    toDate: given.to_date ?? null,
    frequency: given.frequency ?? 'daily',
    events: given.events ?? null,
    where: given.where ?? null,
    sync: given.sync !== 'false',
    manifest: given.manifest === 'true',
    destination: destinationOf(given),
  }
}
