import { z } from 'zod'
import type { RunId } from '../../ids.ts'

/** The one queue: its jobs say "look at this run". */
export const queueName = 'export-run'

/** Its options. The table `run` decides what happens, so the queue neither retries nor times anything. */
export const queueOptions = {
  // At most one job waits for a run (its id is the singleton key): whoever nudges twice changes nothing.
  policy: 'short',
  retryLimit: 0,
  // pg-boss's own bound of a job in hand; a run has a lease instead, and may be longer.
  expireInSeconds: 86_400,
  // A backfill may wait for weeks.
  retentionSeconds: 365 * 86_400,
  deleteAfterSeconds: 3600,
} as const

const jobData = z.object({ runId: z.number().int().positive() })

/** The run that a job of the queue is about, or undefined for a payload that isn't ours. */
export function parseJobData(data: unknown): RunId | undefined {
  const parsed = jobData.safeParse(data)
  return parsed.success ? (parsed.data.runId as RunId) : undefined
}
