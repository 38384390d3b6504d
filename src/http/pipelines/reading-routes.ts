import { listDaySyncs } from '../../control/folders/list-day-syncs.ts'
import { listPipelines } from '../../control/pipelines/list-pipelines.ts'
import { countRuns, listRuns } from '../../control/runs/list-runs.ts'
import { readProgress } from '../../control/runs/read-progress.ts'
import { runStates } from '../../control/runs/run-state.ts'
import { jobsQuery, namedPipeline, type StatusQuery, statusQuery } from '../contract/named-pipeline.ts'
import {
  type JobsAnswer,
  jobsAnswer,
  type StatusAnswer,
  statusAnswer,
  type TimelineAnswer,
  timelineAnswer,
} from '../contract/pipeline-answers.ts'
import type { PipelineProject } from './authenticate.ts'
import { existingPipeline } from './named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'
import { countsAnswer, dayEntries, jobEntry } from './pipeline-texts.ts'
import { runEntries } from './run-texts.ts'

/** `jobs`, `status` and `timeline`, by GET as the reference says and by POST as its examples do. */
export function readingRoutes(app: PipelineApp, { db, clock }: PipelineDeps): void {
  const jobs = async (project: PipelineProject): Promise<JobsAnswer> => {
    const pipelines = await listPipelines(db, project.id)
    const ids = pipelines.map(({ id }) => id)
    const nowMs = clock.nowMs()
    const progress = await readProgress(db, ids, nowMs)
    return {
      [project.id]: pipelines.map((pipeline) =>
        jobEntry(project, pipeline, { progress: progress.get(pipeline.id), nowMs }),
      ),
    }
  }
  const status = async (project: PipelineProject, query: StatusQuery): Promise<StatusAnswer> => {
    const pipeline = await existingPipeline(db, project, query.name)
    const states = runStates.filter((state) => query.status?.includes(state) ?? true)
    if (query.summary === 'true') return countsAnswer(await countRuns(db, pipeline.id), states)
    const nowMs = clock.nowMs()
    const progress = (await readProgress(db, [pipeline.id], nowMs)).get(pipeline.id)
    const runs = await listRuns(db, pipeline.id, states)
    return runEntries(project, { pipeline, runs, progress, nowMs })
  }
  const timeline = async (project: PipelineProject, name: string): Promise<TimelineAnswer> => {
    const pipeline = await existingPipeline(db, project, name)
    return { day_syncs: dayEntries(project, await listDaySyncs(db, pipeline.id)) }
  }
  const response = { 200: jobsAnswer }
  app.get('/jobs', { schema: { querystring: jobsQuery, response } }, (request) => jobs(projectOf(request)))
  app.post('/jobs', { schema: { body: jobsQuery, response } }, (request) => jobs(projectOf(request)))
  const answer = { 200: statusAnswer }
  app.get('/status', { schema: { querystring: statusQuery, response: answer } }, (request) =>
    status(projectOf(request), request.query),
  )
  app.post('/status', { schema: { body: statusQuery, response: answer } }, (request) =>
    status(projectOf(request), request.body),
  )
  const days = { 200: timelineAnswer }
  app.get('/timeline', { schema: { querystring: namedPipeline, response: days } }, (request) =>
    timeline(projectOf(request), request.query.name),
  )
  app.post('/timeline', { schema: { body: namedPipeline, response: days } }, (request) =>
    timeline(projectOf(request), request.body.name),
  )
}
