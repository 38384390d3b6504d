/** `watch`: server-sent events of a pipeline, as long as somebody looks. */
import { z } from 'zod'
import { runKinds, runStates, runSteps } from '../../control/runs/run-state.ts'
import { folderStates } from './folder-calendar.ts'
import { pipelineProgress, runProgress } from './pipeline-answers.ts'

const failure = z.strictObject({ code: z.string(), message: z.string() })

const watchedRun = z.strictObject({
  kind: z.enum(runKinds),
  date: z.iso.date(),
  hour: z.string().optional(),
  attempt: z.number().int(),
  started_at: z.iso.datetime({ offset: true }),
  step: z.enum(runSteps),
  files_done: z.number().int(),
  /** With an estimate of what is left and of its end, where there is something to estimate from. */
  progress: runProgress,
})

/** `event: pipeline`: first of all, and whenever something of it changes. */
export const watchedPipeline = z.strictObject({
  name: z.string(),
  state: z.enum(['active', 'paused']),
  pause_reason: z.string().optional(),
  last_error: failure.optional(),
  progress: pipelineProgress.optional(),
  /** Those under way; of very many, the newest. */
  runs: z.array(watchedRun),
})

/** `event: folder`: a run of a folder has got into another state since `watch` was called. */
export const watchedFolder = z.strictObject({
  date: z.iso.date(),
  hour: z.string().optional(),
  kind: z.enum(runKinds),
  run_state: z.enum(runStates),
  state: z.enum(folderStates),
  error: failure.optional(),
})

/** `event: late`: events have come in for a folder that is delivered. */
export const watchedLate = z.strictObject({ date: z.iso.date(), hour: z.string().optional() })

/** `event: end`, the last one. */
export const watchEnd = z.strictObject({
  /** `session_over`: the credential is not valid any more; `pipeline_gone`; `server_stopping`: call again; `too_long`: call again. */
  reason: z.enum(['session_over', 'pipeline_gone', 'server_stopping', 'too_long']),
})

/** What `data:` of one event holds. */
export const watchAnswer = z.union([watchedPipeline, watchedFolder, watchedLate, watchEnd])

export type WatchedPipeline = z.output<typeof watchedPipeline>
export type WatchedFolder = z.output<typeof watchedFolder>
