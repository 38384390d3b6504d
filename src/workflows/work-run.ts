/** What a claimed run does between its claim and its success. */
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Database } from '../control/db/tables.ts'
import { type KnownFolder, readFolder } from '../control/folders/read-folder.ts'
import { recordExport, recordSync, recordSyncTime } from '../control/folders/record-folder.ts'
import type { ClaimedRun } from '../control/runs/claim-run.ts'
import { type RunResult, type RunSuccess, succeedRun } from '../control/runs/finish-run.ts'
import { pinContents, type RunContents } from '../control/runs/run-contents.ts'
import type { RunStep } from '../control/runs/run-state.ts'
import type { Destinations } from '../data/deliver/destination.ts'
import { askedOfUsers } from '../data/segmentation/where.ts'
import { sideBySide } from '../side-by-side.ts'
import { destinationTarget } from './destination-target.ts'
import { exportFolder, type FolderExport } from './export-folder.ts'
import { LeaseOver, type RunLease } from './run-lease.ts'
import { type SyncFolderDeps, syncFolder } from './sync-folder.ts'

export interface WorkRunDeps extends SyncFolderDeps {
  db: Kysely<Database>
  destinations: Destinations
  clock: Clock
}

/** How far an attempt is. */
export type Delivered = RunResult & { step: RunStep }

/**
 * The run's folder is exported or synced, and that recorded with its success. `finished` is false when the run isn't the
 * holder's any more.
 * @param delivered is kept up to date while it works
 */
export async function workRun(
  deps: WorkRunDeps,
  claimed: ClaimedRun,
  lease: RunLease,
  delivered: Delivered,
): Promise<RunResult & { finished: boolean }> {
  const settling = settleFolder(deps, claimed)
  // It may fail before the hold is there.
  settling.catch(() => undefined)
  try {
    const hold = await deps.store.openHold()
    let releasing: Promise<void> | undefined
    try {
      const { record, ...result } = await workClaimed(deps, claimed, lease, delivered, await settling)
      // Nothing more is read of the store.
      releasing = hold.release()
      const nowMs = deps.clock.nowMs()
      return { ...result, finished: await succeedRun(deps.db, claimed, { ...result, nowMs, record }) }
    } finally {
      await (releasing ?? hold.release())
    }
  } finally {
    await Promise.allSettled([settling])
  }
}

/** What is known of a run's folder; asked while the hold is opened. */
interface SettledFolder {
  contents: RunContents
  /** Of a folder that is to be synced. */
  known: KnownFolder | undefined
}

async function settleFolder(deps: WorkRunDeps, claimed: ClaimedRun): Promise<SettledFolder> {
  const folder = { pipelineId: claimed.pipeline.id, ...claimed.folder }
  const [contents, known] = await sideBySide(
    settleContents(deps, claimed),
    claimed.kind === 'sync' ? readFolder(deps.db, folder) : Promise.resolve(undefined),
  )
  return { contents, known }
}

type WorkedFolder = Required<Omit<RunSuccess, 'nowMs'>>

async function workClaimed(
  given: WorkRunDeps,
  claimed: ClaimedRun,
  lease: RunLease,
  delivered: Delivered,
  { contents, known }: SettledFolder,
): Promise<WorkedFolder> {
  const folder = { pipelineId: claimed.pipeline.id, ...claimed.folder }
  const { partSizeBytes, fileSizeBytes } = contents
  const deps = { ...given, partSizeBytes, fileSizeBytes }
  const end = { unanswered: false }
  const onUnanswered = (): void => {
    end.unanswered = true
  }
  const work: FolderExport = {
    ...folderExport(deps, claimed, contents, lease, onUnanswered),
    onStep: (step) => {
      delivered.step = step
    },
    onDelivered: ({ events, bytes }) => {
      delivered.files += 1
      delivered.events += events
      delivered.bytes += bytes
    },
  }
  if (claimed.kind === 'export') {
    const { contents: exported, ...result } = await exportFolder(deps, work)
    return { ...result, record: (tx, nowMs) => recordExport(tx, folder, exported, { ...end, nowMs }) }
  }
  const synced = await syncFolder(deps, work, known)
  const { files, events, bytes } = synced
  return {
    ...{ files, events, bytes },
    record: async (tx, nowMs) => {
      if ('change' in synced) return await recordSync(tx, folder, synced.change, { ...end, nowMs })
      await recordExport(tx, folder, synced.exported, { ...end, nowMs })
      await recordSyncTime(tx, folder, nowMs)
    },
  }
}

function folderExport(
  deps: WorkRunDeps,
  { project, pipeline, folder }: ClaimedRun,
  { snapshot, events, where }: RunContents,
  lease: RunLease,
  onUnanswered: () => void,
): FolderExport {
  const { destination } = pipeline
  return {
    projectId: project.id,
    prefix: destination.prefix,
    window: folder,
    manifest: pipeline.manifest
      ? {
          pipeline: pipeline.name,
          projectId: project.id,
          timeZone: project.timeZone,
          prefix: destination.prefix,
          window: folder,
        }
      : undefined,
    eventNames: events,
    where,
    // Profiles have no history: each attempt reads them as they are, and the folder's record says when.
    profilesReadAtMs: askedOfUsers(where).length > 0 ? deps.clock.nowMs() : null,
    snapshot,
    lease,
    destination: deps.destinations.open(
      destinationTarget(destination, {
        projectId: project.id,
        externalId: project.token,
        purpose: pipeline.name,
      }),
      deps.log,
      onUnanswered,
    ),
  }
}

/** Every attempt exports what the first one saw, so whatever it left in the bucket is what this one writes. */
async function settleContents(
  { db, store, partSizeBytes, fileSizeBytes }: WorkRunDeps,
  claimed: ClaimedRun,
): Promise<RunContents> {
  if (claimed.contents !== undefined) return claimed.contents
  const { events, where } = claimed.pipeline
  const snapshot = claimed.snapshotCommit ?? (await store.snapshot())
  const contents = { snapshot, events, where, partSizeBytes, fileSizeBytes }
  if (!(await pinContents(db, claimed, contents))) throw new LeaseOver('lost')
  return contents
}
