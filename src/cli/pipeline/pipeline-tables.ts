import type { PipelineJob } from '../../http/contract/pipeline-answers.ts'
import { formatTable } from '../output.ts'
import type { ShownPipeline } from './pipeline-client.ts'

export function pipelineTable(pipelines: readonly PipelineJob[]): string {
  const rows = pipelines.map((pipeline) => [
    pipeline.name,
    pipeline.state,
    pipeline.Dispatcher,
    pipeline.frequency,
    pipeline.last_dispatched,
  ])
  const selections = pipelines.map(selectionText).filter((text) => text !== '')
  const reasons = pipelines.flatMap(({ name, pause_reason: reason, last_error: error }) => {
    if (reason !== undefined) return [`${name} is ${reason}`]
    return error === undefined ? [] : [`${name}: the last run that failed: ${error.code}: ${error.message}`]
  })
  const table = formatTable(['NAME', 'STATE', 'DISPATCHER', 'FREQUENCY', 'LAST DISPATCHED'], rows)
  return [table, ...selections, ...reasons].join('\n')
}

/** The runs in the order of their folders, and what went wrong below them. */
export function runTable(pipeline: ShownPipeline): string {
  const runs = Object.values(pipeline.runs)
    .flat()
    .sort((left, right) => Date.parse(left.run_at) - Date.parse(right.run_at))
  const rows = runs.map((run) => [
    run.from_date,
    run.kind,
    run.state,
    String(run.attempts),
    String(run.files ?? ''),
    String(run.events ?? ''),
    String(run.bytes ?? ''),
  ])
  const errors = runs.flatMap(({ from_date: folder, error }) =>
    error === undefined ? [] : [`${folder}: ${error.code}: ${error.message}`],
  )
  const table = formatTable(['FOLDER FROM', 'KIND', 'STATE', 'ATTEMPTS', 'FILES', 'EVENTS', 'BYTES'], rows)
  // Each failed run says its own.
  const { last_error: _, ...itself } = pipeline
  return [pipelineTable([itself]), '', table, ...errors].join('\n')
}

/** Which events a pipeline exports, where it isn't all. */
function selectionText({ name, events, where }: PipelineJob): string {
  const parts = [
    ...(events === undefined ? [] : [`the events ${events.join(', ')}`]),
    ...(where === undefined ? [] : [`those where ${where}`]),
  ]
  return parts.length === 0 ? '' : `${name} exports ${parts.join(', of them ')}`
}
