import { cancelPipeline, pausePipeline, resumePipeline } from '../../control/pipelines/change-pipeline.ts'
import { createPipeline } from '../../control/pipelines/create-pipeline.ts'
import { createPipelineBody } from '../contract/create-pipeline.ts'
import { namedPipeline } from '../contract/named-pipeline.ts'
import { createAnswer, doneAnswer } from '../contract/pipeline-answers.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'

const done = { status: 'ok' } as const

/** `create`, `pause`, `resume` and `cancel`. */
export function changingRoutes(app: PipelineApp, { db, jobs, clock, limits }: PipelineDeps): void {
  const creating = { body: createPipelineBody, response: { 200: createAnswer } }
  app.post('/create', { schema: creating }, async (request) => {
    const nowMs = clock.nowMs()
    const options = { projectId: projectOf(request).id, request: request.body, limits, nowMs }
    return { pipeline_names: [await createPipeline(db, jobs, options)] }
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
