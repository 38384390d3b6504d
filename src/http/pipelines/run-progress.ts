/** How far each run of a pipeline is, as `status` shows it. */
import type { RunOverview } from '../../control/runs/list-runs.ts'
import type { PipelineProgress } from '../../control/runs/read-progress.ts'
import { waitingOrWorking } from '../../control/runs/run-state.ts'
import type { RunEntry } from '../contract/pipeline-answers.ts'
import type { ProgressMoment } from './progress-text.ts'
import { zonedText } from './zone-text.ts'

/**
 * What is to do is estimated from the folders that are done, and an end from the rate of the last minutes and the exports
 * that wait before it. Of a sync nobody knows what it will find, so nothing is estimated.
 * @param runs in the order of their folders; of very many, the newest
 */
export function runProgress(
  runs: readonly RunOverview[],
  progress: PipelineProgress | undefined,
  moment: ProgressMoment,
): (run: RunOverview) => Pick<RunEntry, 'progress'> {
  const waiting = runs.filter((run) => isWaiting(run))
  const places = new Map(
    waiting.map((run, index) => [
      run,
      (progress?.foldersToDo ?? waiting.length) - waiting.length + index + 1,
    ]),
  )
  return (run) => {
    const { state, written } = run
    const place = places.get(run)
    if (written === null && place === undefined) return {}
    const done = { events_done: written?.events ?? 0, bytes_done: written?.bytes ?? 0 }
    const toDo = place === undefined ? leftNothing(state) : estimateLeft(done, progress)
    const end = place === undefined ? {} : estimateEnd(place, progress, moment)
    return { progress: { ...done, ...toDo, ...rateOf(run, done, moment.nowMs), ...end } }
  }
}

type Done = Pick<NonNullable<RunEntry['progress']>, 'events_done' | 'bytes_done'>

function isWaiting({ kind, state }: RunOverview): boolean {
  return kind === 'export' && waitingOrWorking.includes(state)
}

function leftNothing(state: RunOverview['state']) {
  return state === 'succeeded' ? { events_to_do: 0, bytes_to_do: 0 } : {}
}

function estimateLeft(
  { events_done: events, bytes_done: bytes }: Done,
  progress: PipelineProgress | undefined,
) {
  if (progress === undefined || progress.foldersDone === 0) return {}
  const { foldersDone, eventsDone, bytesDone } = progress
  return {
    events_to_do: Math.max(Math.round(eventsDone / foldersDone) - events, 0),
    bytes_to_do: Math.max(Math.round(bytesDone / foldersDone) - bytes, 0),
  }
}

function rateOf({ startedAtMs, finishedAtMs, written }: RunOverview, done: Done, nowMs: number) {
  if (startedAtMs === null || written === null) return {}
  const seconds = ((finishedAtMs ?? nowMs) - startedAtMs) / 1000
  // Too short to tell, or the clock was set back meanwhile.
  if (seconds <= 0) return {}
  return {
    events_per_second: Math.round(done.events_done / seconds),
    bytes_per_second: Math.round(done.bytes_done / seconds),
  }
}

function estimateEnd(
  place: number,
  progress: PipelineProgress | undefined,
  { timeZone, nowMs, isActive }: ProgressMoment,
) {
  const recent = progress?.recent ?? null
  if (recent === null || !isActive) return {}
  const folderMs = Math.max(nowMs - recent.sinceMs, 1000) / recent.folders
  return { estimated_end: zonedText(timeZone, nowMs + place * folderMs) }
}
