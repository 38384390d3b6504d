/** `history`: what was tried for one folder, and what became of it; `verify`: whether it is in the bucket as it should be. */
import { readFolderTimes } from '../../control/folders/read-folder-times.ts'
import { summarizeFolders } from '../../control/folders/summarize-folders.ts'
import type { PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import { type EndedAttempt, listAttempts } from '../../control/runs/list-attempts.ts'
import { listFolderRuns, type RunOverview } from '../../control/runs/list-runs.ts'
import type { FolderWindow } from '../../data/plan/folder-key.ts'
import { folderKey } from '../../data/plan/folder-key.ts'
import type { LocalHour } from '../../ids.ts'
import { type HistoryAnswer, historyAnswer, verifyAnswer } from '../contract/folder-history.ts'
import { type ManifestQuery, manifestQuery } from '../contract/named-pipeline.ts'
import type { PipelineProject } from './authenticate.ts'
import { dateOf, existingPipeline, noFolder, windowOf } from './named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'
import { zonedText } from './zone-text.ts'

const totalsMsMax = 10_000

export function historyRoute(app: PipelineApp, deps: PipelineDeps): void {
  const { db, clock, verifyFolder } = deps
  const history = async (project: PipelineProject, query: ManifestQuery): Promise<HistoryAnswer> => {
    const pipeline = await existingPipeline(db, project, query.name)
    const window = windowOf(pipeline, query)
    const id = { pipelineId: pipeline.id, localHour: window.localHour }
    const runs = await listFolderRuns(db, id)
    if (runs.length === 0) throw noFolder(query, 'no folder of', 'it is not due yet, or not one of its days')
    const [attempts, times, state] = await Promise.all([
      listAttempts(db, id),
      readFolderTimes(db, id),
      stateOf(deps, project, pipeline, window),
    ])
    const textOf = (timeMs: number) => zonedText(project.timeZone, timeMs)
    return {
      name: pipeline.name,
      project_id: project.id,
      folder: folderKey(pipeline.destination.prefix, project.id, window),
      ...dateOf(window),
      state,
      ...(times === undefined ? {} : { exported_at: textOf(times.exportedAtMs) }),
      synced_at: (times?.syncedAtMs ?? []).map(textOf),
      runs: runs.map((run) => runEntry(run, textOf)),
      attempts: [...underWay(runs, textOf), ...attempts.map((attempt) => attemptEntry(attempt, textOf))],
    }
  }
  const reading = { querystring: manifestQuery, response: { 200: historyAnswer } }
  app.get('/history', { schema: reading }, (request) => history(projectOf(request), request.query))

  const verifying = { body: manifestQuery, response: { 200: verifyAnswer } }
  app.post('/verify', { schema: verifying }, async (request, reply) => {
    const project = projectOf(request)
    const { body: query } = request
    const window = windowOf(await existingPipeline(db, project, query.name), query)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const verified = await verifyFolder(
      { projectId: project.id, name: query.name, localHour: window.localHour },
      gone.signal,
    )
    if (verified === undefined)
      throw noFolder(query, 'no folder of', 'it is not due yet, or not one of its days')
    const { folder, state, files, events, differences } = verified
    const ok = state === 'finished' && differences.length === 0
    const verified_at = zonedText(project.timeZone, clock.nowMs())
    return { ok, folder, state, files, events, differences, verified_at }
  })
}

/** As the calendar shows it. */
async function stateOf(
  { db, store }: PipelineDeps,
  { id: projectId }: PipelineProject,
  { id: pipelineId }: PipelineOverview,
  { localHour: fromHour, hours }: FolderWindow,
) {
  const toHour = (fromHour + hours) as LocalHour
  const inStore = await store.hourTotals({ projectId, fromHour, toHour }, totalsMsMax)
  const newest = inStore ?? { hours: [], commits: [] }
  const range = { pipelineId, hours, fromHour, toHour, size: 'folder' as const, newest }
  const [folder] = await summarizeFolders(db, range)
  return folder?.state ?? 'not_due'
}

type TextOf = (timeMs: number) => string

function runEntry(run: RunOverview, textOf: TextOf): HistoryAnswer['runs'][number] {
  const isWaiting = run.state === 'pending' || run.state === 'retried'
  return {
    kind: run.kind,
    state: run.state,
    due_at: textOf(run.dueAtMs),
    ...(isWaiting ? { next_attempt_at: textOf(run.notBeforeMs) } : {}),
    attempts: run.attempt,
    ...(run.error === null ? {} : { error: run.error }),
  }
}

function underWay(runs: readonly RunOverview[], textOf: TextOf): HistoryAnswer['attempts'] {
  return runs.flatMap(({ kind, state, attempt, startedAtMs, written }) =>
    state !== 'running' || startedAtMs === null
      ? []
      : [
          {
            ...{ kind, attempt, end: 'running' as const, started_at: textOf(startedAtMs) },
            ...(written ?? { files: 0, events: 0, bytes: 0 }),
          },
        ],
  )
}

function attemptEntry(ended: EndedAttempt, textOf: TextOf): HistoryAnswer['attempts'][number] {
  return {
    kind: ended.kind,
    attempt: ended.attempt,
    end: ended.endedIn,
    started_at: textOf(ended.startedAtMs),
    ended_at: textOf(ended.endedAtMs),
    ...ended.written,
    ...(ended.error === null ? {} : { error: ended.error }),
  }
}
