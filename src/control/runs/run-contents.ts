/**
 * What a run exports, fixed by its first attempt: the pipeline may be edited between two attempts, and two workers may be set
 * up differently. One that was stopped and wakes up late must have nothing else to say than the one that has taken over.
 */
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { CommitNumber } from '../../ids.ts'
import type { Database } from '../db/tables.ts'
import type { RunHold } from './held-run.ts'

const storedContents = z.object({
  /** Null: all events. */
  events: z.array(z.string()).nullable(),
  /** Null: every one of them. */
  where: z.string().nullable(),
  part_size_bytes: z.number(),
  file_size_bytes: z.number(),
})

export interface RunContents {
  snapshot: CommitNumber
  events: string[] | null
  where: string | null
  partSizeBytes: number
  fileSizeBytes: number
}

/** Undefined where no attempt has fixed them. */
export function readContents(snapshot: CommitNumber | null, column: unknown): RunContents | undefined {
  if (snapshot === null || column === null) return undefined
  const { events, where, ...sizes } = storedContents.parse(column)
  return {
    snapshot,
    events,
    where,
    partSizeBytes: sizes.part_size_bytes,
    fileSizeBytes: sizes.file_size_bytes,
  }
}

/**
 * Fixes what the run exports, for this attempt and each one after it; what an earlier one has fixed stays. False when the
 * run isn't the holder's any more.
 */
export async function pinContents(
  db: Kysely<Database>,
  hold: RunHold,
  { snapshot, events, where, partSizeBytes, fileSizeBytes }: RunContents,
): Promise<boolean> {
  const contents: z.infer<typeof storedContents> = {
    ...{ events, where },
    part_size_bytes: partSizeBytes,
    file_size_bytes: fileSizeBytes,
  }
  const result = await db
    .updateTable('run')
    .set({
      snapshot_commit: sql<CommitNumber>`coalesce(snapshot_commit, ${snapshot})`,
      // Without a snapshot what is there is of before a requeue, by a program that does not know of it.
      contents: sql<unknown>`case when snapshot_commit is not null and contents is not null then contents
        else ${JSON.stringify(contents)}::jsonb end`,
    })
    .where('id', '=', hold.runId)
    .where('worker_id', '=', hold.workerId)
    .where('attempt', '=', hold.attempt)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
