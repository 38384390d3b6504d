import type { DaySyncs } from '../../control/folders/list-day-syncs.ts'
import { folderTimes } from '../../control/pipelines/folder-times.ts'
import type { PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import type { RunOverview } from '../../control/runs/list-runs.ts'
import type { PipelineProgress } from '../../control/runs/read-progress.ts'
import type { RunState } from '../../control/runs/run-state.ts'
import type { PipelineJob, RunEntry, StatusAnswer, TimelineAnswer } from '../contract/pipeline-answers.ts'
import type { PipelineProject } from './authenticate.ts'
import { progressEntry } from './progress-text.ts'
import { loggedTexts, neverMs, wallClockText, zonedText } from './zone-text.ts'

/** A pipeline as `jobs` shows it. */
export function jobEntry(
  { timeZone }: PipelineProject,
  pipeline: PipelineOverview,
  { progress, nowMs }: { progress: PipelineProgress | undefined; nowMs: number },
): PipelineJob {
  const isActive = pipeline.state === 'active'
  return {
    name: pipeline.name,
    Dispatcher: pipeline.isBackfilling ? 'backfill' : 'live',
    last_dispatched: wallClockText(timeZone, pipeline.lastDispatchedAtMs ?? neverMs),
    frequency: pipeline.frequency,
    sync_enabled: pipeline.sync ? 'true' : 'false',
    state: pipeline.state,
    ...(pipeline.trial ? { trial: true } : {}),
    ...(pipeline.events === null ? {} : { events: pipeline.events }),
    ...(pipeline.where === null ? {} : { where: pipeline.where }),
    ...(pipeline.pauseReason === null ? {} : { pause_reason: pipeline.pauseReason }),
    ...(pipeline.trustWarning === null ? {} : { trust_warning: pipeline.trustWarning }),
    ...(pipeline.lastError === null ? {} : { last_error: pipeline.lastError }),
    ...(progress === undefined ? {} : { progress: progressEntry(progress, { timeZone, nowMs, isActive }) }),
  }
}

/** The runs of a pipeline by state, as `status` shows them; states without a run are left out. */
export function runEntries(
  project: PipelineProject,
  pipeline: PipelineOverview,
  runs: readonly RunOverview[],
): StatusAnswer {
  return Object.groupBy(
    runs.map((run) => runEntry(project, pipeline, run)),
    (entry) => entry.state,
  )
}

/** The days of a pipeline, as `timeline` shows them. */
export function dayEntries(
  { timeZone }: PipelineProject,
  days: readonly DaySyncs[],
): TimelineAnswer['day_syncs'] {
  const textOf = loggedTexts(timeZone)
  return days.map(({ localHour, timesMs, isFailed, isPending }) => ({
    date: new Date(localHour * 3_600_000).toISOString().slice(0, 10),
    sync_times: timesMs.map(textOf),
    status: isFailed ? 'failed' : isPending ? 'pending' : 'synced',
  }))
}

/** How many runs there are in each of `states`; those without a run are left out. */
export function countsAnswer(counts: Record<RunState, number>, states: readonly RunState[]): StatusAnswer {
  return Object.fromEntries(
    states.filter((state) => counts[state] > 0).map((state) => [state, counts[state]]),
  )
}

function runEntry({ id, timeZone }: PipelineProject, pipeline: PipelineOverview, run: RunOverview): RunEntry {
  const { localHour, hours } = run.folder
  // The zone's rules may have changed since the folder was planned; its wall clock reading stays what it was.
  const startMs = folderTimes(timeZone, localHour, hours)?.startMs ?? run.dueAtMs
  const start = zonedText(timeZone, startMs)
  const { files, events, bytes } = run
  const held = heldBack(pipeline, run)
  return {
    project_id: id,
    name: pipeline.name,
    state: run.state,
    kind: run.kind,
    last_finish: zonedText(timeZone, run.finishedAtMs ?? neverMs),
    run_at: zonedText(timeZone, run.dueAtMs),
    // As the reference shows them: the first moment of the first and of the last day (or hour), which is the same.
    from_date: start,
    to_date: start,
    attempts: run.attempt,
    ...(files === null || events === null || bytes === null ? {} : { files, events, bytes }),
    ...(run.error === null ? {} : { error: run.error }),
    ...(held === undefined ? {} : { held }),
  }
}

function heldBack(pipeline: PipelineOverview, run: RunOverview): string | undefined {
  if (pipeline.state === 'active' || !['pending', 'retried'].includes(run.state)) return undefined
  return `${pipeline.pauseReason ?? 'the pipeline was paused'}; resume goes on with it`
}
