import type { DaySyncs } from '../../control/folders/list-day-syncs.ts'
import type { PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import type { PipelineProgress } from '../../control/runs/read-progress.ts'
import type { RunState } from '../../control/runs/run-state.ts'
import type { PipelineJob, StatusAnswer, TimelineAnswer } from '../contract/pipeline-answers.ts'
import type { PipelineProject } from './authenticate.ts'
import { progressEntry } from './progress-text.ts'
import { loggedTexts, neverMs, wallClockText } from './zone-text.ts'

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
    ...(pipeline.manifest ? { manifest: true } : {}),
    ...(pipeline.events === null ? {} : { events: pipeline.events }),
    ...(pipeline.where === null ? {} : { where: pipeline.where }),
    ...(pipeline.pauseReason === null ? {} : { pause_reason: pipeline.pauseReason }),
    ...(pipeline.trustWarning === null ? {} : { trust_warning: pipeline.trustWarning }),
    ...(pipeline.lastError === null ? {} : { last_error: pipeline.lastError }),
    ...(progress === undefined ? {} : { progress: progressEntry(progress, { timeZone, nowMs, isActive }) }),
  }
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
