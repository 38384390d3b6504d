import { z } from 'zod'
import { frequencies } from '../../control/pipelines/pipeline.ts'
import { runKinds, runStates } from '../../control/runs/run-state.ts'
import { connectionAnswer } from './connection-test.ts'

/** The answers of the Data Pipelines API. Fields beyond those of the reference stand beside them, never instead. */

/** Parts of `where` that are the same for every event, with their columns; what a connection test warns of. */
const warnings = z.array(z.string()).optional()

export const createAnswer = z.strictObject({ pipeline_names: z.array(z.string()), warnings })

/** Of `pause`, `resume` and `cancel`: the reference promises a success and no more. */
export const doneAnswer = z.strictObject({ status: z.literal('ok') })

export const editAnswer = z.strictObject({ status: z.literal('ok'), warnings })

const failure = z.strictObject({ code: z.string(), message: z.string() })

export const runProgress = z.strictObject({
  events_done: z.number().int(),
  /** Compressed, as they are in the bucket. */
  bytes_done: z.number().int(),
  /** Estimated from the folders that are done. */
  events_to_do: z.number().int().optional(),
  bytes_to_do: z.number().int().optional(),
  /** Of a pipeline: of what was finished in the last ten minutes. */
  events_per_second: z.number().int().optional(),
  bytes_per_second: z.number().int().optional(),
  /** At that rate; only while something is to do. */
  estimated_end: z.iso.datetime({ offset: true }).optional(),
})

export const pipelineProgress = runProgress.extend({
  folders_done: z.number().int(),
  /** Due, and not finished. */
  folders_to_do: z.number().int(),
  folders_failed: z.number().int(),
})

const pipelineJob = z.strictObject({
  name: z.string(),
  Dispatcher: z.enum(['backfill', 'live']),
  /** Wall-clock time and zone of the project, like `2019-02-01 12:00:00 US/Pacific`. */
  last_dispatched: z.string(),
  frequency: z.enum(frequencies),
  sync_enabled: z.enum(['true', 'false']),
  state: z.enum(['active', 'paused']),
  trial: z.boolean().optional(),
  /** Each folder's manifest is in the bucket too. */
  manifest: z.boolean().optional(),
  /** The names that it exports; all without. */
  events: z.array(z.string()).optional(),
  /** The expression that events must meet. */
  where: z.string().optional(),
  /** Why Penstock paused it, and what to do. */
  pause_reason: z.string().optional(),
  /** Of a role that lets in who brings no external ID: what to change. */
  trust_warning: z.string().optional(),
  /** Of the run that failed last and has not got through since. */
  last_error: failure.optional(),
  /** Of its exports, once one is due. */
  progress: pipelineProgress.optional(),
})

/** By project id. */
export const jobsAnswer = z.record(z.string(), z.array(pipelineJob))

const runEntry = z.strictObject({
  project_id: z.number().int(),
  name: z.string(),
  state: z.enum(runStates),
  /** The folder's export, or the newest sync of late events into it. */
  kind: z.enum(runKinds),
  last_finish: z.iso.datetime({ offset: true }),
  run_at: z.iso.datetime({ offset: true }),
  from_date: z.iso.datetime({ offset: true }),
  to_date: z.iso.datetime({ offset: true }),
  attempts: z.number().int(),
  files: z.number().int().optional(),
  events: z.number().int().optional(),
  bytes: z.number().int().optional(),
  /** Of one that waits, works or is done. */
  progress: runProgress.optional(),
  error: failure.optional(),
  /** Why a run that is due doesn't begin. */
  held: z.string().optional(),
})

const daySyncs = z.strictObject({
  date: z.iso.date(),
  /** When it was exported first, and each time that late events were added; like `2019-08-19 14:27:46.044 -0700 PDT`. */
  sync_times: z.array(z.string()),
  /** `pending`: some of it is on its way or still to come due. */
  status: z.enum(['synced', 'pending', 'failed']),
})

export const timelineAnswer = z.strictObject({ day_syncs: z.array(daySyncs) })
export type TimelineAnswer = z.output<typeof timelineAnswer>

const fileSpan = { first_time: z.iso.datetime(), last_time: z.iso.datetime() }

const manifestFile = z.strictObject({
  name: z.string(),
  events: z.number().int(),
  bytes: z.number().int(),
  /** Of the file's bytes, 8 hexadecimal digits. */
  crc32: z.string(),
  ...fileSpan,
})

/** What a finished folder consists of; `manifest=true` writes it into the bucket too, without the last two fields. */
export const manifestAnswer = z.strictObject({
  pipeline: z.string(),
  project_id: z.number().int(),
  /** Key prefix of the folder; the names of its files follow it. */
  folder: z.string(),
  date: z.iso.date(),
  /** Of an hourly pipeline's folder. */
  hour: z.string().optional(),
  timezone: z.string(),
  /** The files hold every event of the folder that commits up to this one brought. */
  commit_seen: z.number().int(),
  /** Lines that are not in the files because a newer line of the same event is. */
  duplicates_removed: z.number().int(),
  /** Since when the profiles of users were read that decided which events are in it; only where `where` asks for some. */
  profiles_read_at: z.iso.datetime().optional(),
  events: z.number().int(),
  bytes: z.number().int(),
  /** No event is earlier than the first, and none later than the last. */
  first_time: fileSpan.first_time.optional(),
  last_time: fileSpan.last_time.optional(),
  files: z.array(manifestFile),
  exported_at: z.iso.datetime({ offset: true }),
  /** When late events were added last. */
  synced_at: z.iso.datetime({ offset: true }).optional(),
})

/** By state; states without a run are left out. */
export const statusRuns = z.partialRecord(z.enum(runStates), z.array(runEntry))

/** With `summary=true`. */
export const statusCounts = z.partialRecord(z.enum(runStates), z.number().int())

export const statusAnswer = z.union([statusCounts, statusRuns])

export const errorAnswer = z.strictObject({
  error: z.string(),
  status: z.literal('error'),
  /** Of a destination that was refused. */
  connection_test: connectionAnswer.optional(),
})

export type PipelineJob = z.output<typeof pipelineJob>
export type ProgressEntry = z.output<typeof pipelineProgress>
export type JobsAnswer = z.input<typeof jobsAnswer>
export type RunEntry = z.input<typeof runEntry>
export type StatusAnswer = z.input<typeof statusAnswer>
