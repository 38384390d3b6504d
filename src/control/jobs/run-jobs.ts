import type { Kysely } from 'kysely'
import type { ProjectId, RunId } from '../../ids.ts'
import type { Database } from '../db/tables.ts'

/** A word to the workers that a run waits. The run's row decides what comes of it. */
export interface RunNudge {
  runId: RunId
  /** Runs of one project share a bounded part of each worker. */
  projectId: ProjectId
  /** Higher goes first. */
  priority: number
  delayMs: number
}

/** The queue as those see it who make runs due. */
export interface RunNudges {
  /** Within the caller's transaction: the nudge is there if and only if the rows are. */
  enqueue(tx: Kysely<Database>, nudges: RunNudge[]): Promise<void>
}
