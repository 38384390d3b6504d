/** `history`: what was tried for one folder; `verify`: whether it is in the bucket as it should be. */
import { z } from 'zod'
import { runKinds, runStates } from '../../control/runs/run-state.ts'
import { folderStates } from './folder-calendar.ts'

const attemptEnds = ['succeeded', 'retried', 'failed', 'timed_out', 'pending', 'canceled', 'running'] as const

const failure = z.strictObject({ code: z.string(), message: z.string() })

const attempt = z.strictObject({
  kind: z.enum(runKinds),
  /** Counts on within a run. */
  attempt: z.number().int(),
  /** What it left the run in; `pending`: it was handed back, as its pipeline was paused or the process stopped. */
  end: z.enum(attemptEnds),
  started_at: z.iso.datetime({ offset: true }),
  /** Not of one that is under way. */
  ended_at: z.iso.datetime({ offset: true }).optional(),
  /** What the bucket had confirmed. */
  files: z.number().int(),
  events: z.number().int(),
  bytes: z.number().int(),
  error: failure.optional(),
})

const run = z.strictObject({
  kind: z.enum(runKinds),
  state: z.enum(runStates),
  due_at: z.iso.datetime({ offset: true }),
  /** When it is tried next: of one that waits. */
  next_attempt_at: z.iso.datetime({ offset: true }).optional(),
  attempts: z.number().int(),
  error: failure.optional(),
})

/** Parameters are those of `manifest`. */
export const historyAnswer = z.strictObject({
  name: z.string(),
  project_id: z.number().int(),
  /** Key prefix of the folder in the bucket. */
  folder: z.string(),
  date: z.iso.date(),
  hour: z.string().optional(),
  state: z.enum(folderStates),
  /** When it was exported first, and each time that late events were added. */
  exported_at: z.iso.datetime({ offset: true }).optional(),
  synced_at: z.array(z.iso.datetime({ offset: true })),
  /** The folder's export and the newest of its syncs, where there is one. */
  runs: z.array(run),
  /** The newest first; of very many, the newest. */
  attempts: z.array(attempt),
})

export type HistoryAnswer = z.output<typeof historyAnswer>

const difference = z.strictObject({
  kind: z.string(),
  /** Object key; the folder's for what concerns no single object. */
  key: z.string(),
  found: z.string(),
})

/** Parameters are those of `manifest`. */
export const verifyAnswer = z.strictObject({
  /** It is finished, and nothing differs. */
  ok: z.boolean(),
  folder: z.string(),
  /** `pending`: a run waits for it or works on it, so nothing was read. */
  state: z.enum(['finished', 'pending', 'failed']),
  files: z.number().int(),
  events: z.number().int(),
  differences: z.array(difference),
  verified_at: z.iso.datetime({ offset: true }),
})
