import { cancelPipeline, pausePipeline, resumePipeline } from '../../control/pipelines/change-pipeline.ts'
import { createCheckedPipeline } from '../../workflows/create-checked-pipeline.ts'
import { editCheckedPipeline } from '../../workflows/edit-checked-pipeline.ts'
import { createPipelineBody } from '../contract/create-pipeline.ts'
import { clearableParameters, editPipelineBody } from '../contract/edit-pipeline.ts'
import { namedPipeline } from '../contract/named-pipeline.ts'
import { createAnswer, doneAnswer, editAnswer } from '../contract/pipeline-answers.ts'
import { whereWarnings } from '../contract/selection-parameters.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'

const done = { status: 'ok' } as const

/** `create`, `edit`, `pause`, `resume` and `cancel`. */
export function changingRoutes(
  app: PipelineApp,
  { db, jobs, clock, limits, destinationTests }: PipelineDeps,
): void {
  const creating = { body: createPipelineBody, response: { 200: createAnswer } }
  app.post('/create', { schema: creating }, async (request) => {
    const project = projectOf(request)
    const options = { projectId: project.id, ...request.body, limits, nowMs: clock.nowMs() }
    const deps = { db, jobs, tests: destinationTests }
    const created = await createCheckedPipeline(deps, { ...options, externalId: project.token })
    return { pipeline_names: [created.name], ...warnings(request.body.request.where, created.warnings) }
  })
  const editing = { body: editPipelineBody, response: { 200: editAnswer } }
  app.post('/edit', { schema: editing, config: { clearableParameters } }, async (request) => {
    const { id: projectId, token: externalId } = projectOf(request)
    const edit = { projectId, externalId, ...request.body }
    const warned = await editCheckedPipeline({ db, tests: destinationTests }, edit)
    return { ...done, ...warnings(edit.change.where, warned) }
  })
  const schema = { body: namedPipeline, response: { 200: doneAnswer } }
  app.post('/pause', { schema }, async (request) => {
    await pausePipeline(db, { projectId: projectOf(request).id, name: request.body.name })
    return done
  })
  app.post('/resume', { schema }, async (request) => {
    const which = { projectId: projectOf(request).id, name: request.body.name }
    await resumePipeline(db, jobs, which, { nowMs: clock.nowMs() })
    return done
  })
  app.post('/cancel', { schema }, async (request) => {
    const which = { projectId: projectOf(request).id, name: request.body.name }
    await cancelPipeline(db, which, { nowMs: clock.nowMs() })
    return done
  })
}

/** What an answer says beside its own fields. */
function warnings(where: string | null | undefined, others: string[] = []): { warnings?: string[] } {
  const all = [...whereWarnings(where), ...others]
  return all.length === 0 ? {} : { warnings: all }
}
