import { folderTimes } from '../../control/pipelines/folder-times.ts'
import type { PipelineOverview } from '../../control/pipelines/list-pipelines.ts'
import type { RunOverview } from '../../control/runs/list-runs.ts'
import type { PipelineProgress } from '../../control/runs/read-progress.ts'
import type { RunEntry, StatusAnswer } from '../contract/pipeline-answers.ts'
import type { PipelineProject } from './authenticate.ts'
import { runProgress } from './run-progress.ts'
import { neverMs, zonedText } from './zone-text.ts'

export interface ShownRuns {
  pipeline: PipelineOverview
  runs: readonly RunOverview[]
  /** Of the pipeline; undefined: nothing of it is due. */
  progress: PipelineProgress | undefined
  nowMs: number
}

/** The runs of a pipeline by state, as `status` shows them; states without a run are left out. */
export function runEntries(project: PipelineProject, shown: ShownRuns): StatusAnswer {
  const { timeZone } = project
  const isActive = shown.pipeline.state === 'active'
  const moment = { timeZone, nowMs: shown.nowMs, isActive }
  const progressOf = runProgress(shown.runs, shown.progress, moment)
  return Object.groupBy(
    shown.runs.map(
      (run): RunEntry => ({
        ...runEntry(project, shown.pipeline, run),
        ...progressOf(run),
      }),
    ),
    (entry) => entry.state,
  )
}

function runEntry({ id, timeZone }: PipelineProject, pipeline: PipelineOverview, run: RunOverview): RunEntry {
  const { localHour, hours } = run.folder
  // The zone's rules may have changed since the folder was planned; its wall clock reading stays what it was.
  const startMs = folderTimes(timeZone, localHour, hours)?.startMs ?? run.dueAtMs
  const start = zonedText(timeZone, startMs)
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
    ...(run.state === 'succeeded' && run.written !== null ? run.written : {}),
    ...(run.error === null ? {} : { error: run.error }),
    ...(held === undefined ? {} : { held }),
  }
}

function heldBack(pipeline: PipelineOverview, run: RunOverview): string | undefined {
  if (pipeline.state === 'active' || !['pending', 'retried'].includes(run.state)) return undefined
  return `${pipeline.pauseReason ?? 'the pipeline was paused'}; resume goes on with it`
}
