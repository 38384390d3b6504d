/** Looks for late events of finished folders. Pipelines and runs are the control plane's; which hours have grown, the store knows. */
import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Database } from '../control/db/tables.ts'
import type { RunNudges } from '../control/jobs/run-jobs.ts'
import {
  findPipelinesToSync,
  planSyncs,
  type SyncableFolder,
  type SyncTimes,
  takeSyncLook,
} from '../control/pipelines/plan-syncs.ts'
import type { EventStore } from '../data/store/event-store.ts'
import type { LocalHour, PipelineId } from '../ids.ts'

export interface LateDeps {
  db: Kysely<Database>
  store: Pick<EventStore, 'newerThan'>
  jobs: RunNudges
  clock: Clock
  log: Logger
  /** How often each pipeline's folders are looked at, and how many days back. */
  syncIntervalMs: number
  syncDaysMax: number
}

/** One pipeline that can't be looked at doesn't keep the others waiting. */
export async function planLateSyncs(deps: LateDeps): Promise<void> {
  const { db, clock, log } = deps
  const times = { nowMs: clock.nowMs(), intervalMs: deps.syncIntervalMs, daysMax: deps.syncDaysMax }
  for (const pipelineId of await findPipelinesToSync(db, times)) {
    try {
      const runs = await db.transaction().execute((tx) => planLate(deps, tx, pipelineId, times))
      if (runs > 0) log.info({ pipeline: pipelineId, runs }, 'late events came: syncs were planned')
    } catch (error) {
      log.error(
        { err: error, pipeline: pipelineId },
        'late events could not be looked for; the next look tries again',
      )
    }
  }
}

async function planLate(
  { store, jobs }: LateDeps,
  tx: Transaction<Database>,
  pipelineId: PipelineId,
  times: SyncTimes,
): Promise<number> {
  const look = await takeSyncLook(tx, pipelineId, times)
  if (look === undefined) return 0
  const grown = await store.newerThan(look.projectId, look.folders.map(toWindow))
  const folders = grown.map((place) => look.folders[place] as SyncableFolder)
  return await planSyncs(tx, jobs, look, folders, times.nowMs)
}

function toWindow({ localHour, hours, seenCommit }: SyncableFolder) {
  return { fromHour: localHour, toHour: (localHour + hours) as LocalHour, seen: seenCommit }
}
