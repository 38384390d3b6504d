/** `watch`: what happens to a pipeline, as server-sent events. */
import type { EndedAttempt } from '../../control/runs/list-attempts.ts'
import type { RunUnderWay, WatchedState } from '../../control/runs/read-watched.ts'
import type { RunKind, RunState } from '../../control/runs/run-state.ts'
import type { LocalHour } from '../../ids.ts'
import type { FolderState } from '../contract/folder-calendar.ts'
import { namedPipeline } from '../contract/named-pipeline.ts'
import { type WatchedFolder, type WatchedPipeline, watchAnswer } from '../contract/pipeline-watch.ts'
import { isStillAllowed } from '../server-events.ts'
import { authenticate, chooseProject } from './authenticate.ts'
import { dateOf, existingPipeline } from './named-folder.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'
import { progressEntry } from './progress-text.ts'
import { createWatchHub, type WatchLook } from './watch-hub.ts'
import { zonedText } from './zone-text.ts'

export function watchRoute(app: PipelineApp, deps: PipelineDeps): void {
  const hub = createWatchHub(deps)
  const schema = { querystring: namedPipeline, response: { 200: watchAnswer } }
  app.get('/watch', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const project = projectOf(request)
    const { query } = request
    const { id, frequency } = await existingPipeline(deps.db, project, query.name)
    const stream = deps.streams.open(reply, project.id, () =>
      isStillAllowed(request, async () =>
        chooseProject(await authenticate(deps, request, false), { project_id: String(project.id) }),
      ),
    )
    const hours = frequency === 'daily' ? 24 : 1
    const changes = followChanges(hours)
    let told = ''
    const tell = ({ found, ended, late }: WatchLook): void => {
      if (found === undefined) {
        stream.end('pipeline_gone')
        return
      }
      for (const folder of changes(found, ended)) stream.send('folder', folder)
      for (const folder of late) stream.send('late', dateOf(folder))
      const shown = describe(query.name, project.timeZone, found, deps.clock.nowMs())
      const text = JSON.stringify(shown)
      if (text !== told) stream.send('pipeline', shown)
      told = text
    }
    hub.watch({ id, projectId: project.id }, tell, stream.closed)
  })
}

/** Of one look after the other: what has become of folders since the one before. */
function followChanges(hours: 1 | 24): (found: WatchedState, ended: EndedAttempt[]) => WatchedFolder[] {
  let before: Set<string> | undefined
  return (found, ended) => {
    const now = new Set(found.runs.map(({ kind, localHour, attempt }) => `${kind} ${localHour} ${attempt}`))
    // Those that were under way already are in the first event of the pipeline.
    const begun = found.runs.filter(
      ({ kind, localHour, attempt }) => before?.has(`${kind} ${localHour} ${attempt}`) === false,
    )
    before = now
    return [
      ...ended.map(({ localHour, kind, endedIn, error }) => ({
        ...folderChange({ localHour, hours }, kind, endedIn),
        ...(error === null ? {} : { error }),
      })),
      ...begun.map(({ localHour, kind }) => folderChange({ localHour, hours }, kind, 'running')),
    ]
  }
}

function folderChange(
  folder: { localHour: LocalHour; hours: 1 | 24 },
  kind: RunKind,
  runState: RunState,
): WatchedFolder {
  return { ...dateOf(folder), kind, run_state: runState, state: folderState(kind, runState) }
}

function folderState(kind: RunKind, state: RunState): FolderState {
  if (state === 'running') return 'running'
  if (state === 'succeeded') return 'delivered'
  if (state === 'failed' || state === 'timed_out') return 'failed'
  return kind === 'sync' ? 'late_pending' : 'pending'
}

function describe(
  name: string,
  timeZone: string,
  { state, pauseReason, lastError, progress, runs }: WatchedState,
  nowMs: number,
): WatchedPipeline {
  const moment = { timeZone, nowMs, isActive: state === 'active' }
  return {
    name,
    state,
    ...(pauseReason === null ? {} : { pause_reason: pauseReason }),
    ...(lastError === null ? {} : { last_error: lastError }),
    ...(progress === undefined ? {} : { progress: progressEntry(progress, moment) }),
    runs: runs.map((run) => ({
      kind: run.kind,
      ...dateOf(run),
      attempt: run.attempt,
      started_at: zonedText(timeZone, run.startedAtMs),
      step: run.step,
      files_done: run.written.files,
      progress: runProgress(run, progress, moment),
    })),
  }
}

/** What is left is estimated from the folders that are done, and the end from this run's own rate. */
function runProgress(
  { kind, startedAtMs, written }: RunUnderWay,
  progress: WatchedState['progress'],
  { timeZone, nowMs }: { timeZone: string; nowMs: number },
): WatchedPipeline['runs'][number]['progress'] {
  const done = { events_done: written.events, bytes_done: written.bytes }
  const seconds = (nowMs - startedAtMs) / 1000
  const rate =
    seconds <= 0
      ? {}
      : {
          events_per_second: Math.round(written.events / seconds),
          bytes_per_second: Math.round(written.bytes / seconds),
        }
  // Of a sync nobody knows what it will find.
  if (kind === 'sync' || progress === undefined || progress.foldersDone === 0) return { ...done, ...rate }
  const { foldersDone, eventsDone, bytesDone } = progress
  const toDo = {
    events_to_do: Math.max(Math.round(eventsDone / foldersDone) - written.events, 0),
    bytes_to_do: Math.max(Math.round(bytesDone / foldersDone) - written.bytes, 0),
  }
  if (written.bytes === 0 || seconds <= 0) return { ...done, ...toDo, ...rate }
  const endMs = nowMs + (toDo.bytes_to_do / written.bytes) * seconds * 1000
  return { ...done, ...toDo, ...rate, estimated_end: zonedText(timeZone, endMs) }
}
