/** One folder from the store to its destination, as of one snapshot. Idempotent: done again, the folder ends the same. */
import type { FolderContents } from '../control/folders/folder-contents.ts'
import {
  countDelivered,
  type DeliveredFile,
  deliverFolder,
  type FolderDelivery,
} from '../data/deliver/deliver-folder.ts'
import type { Destination } from '../data/deliver/destination.ts'
import { exportFiles } from '../data/export/export-files.ts'
import { DuplicatesNotProven, exportPieces } from '../data/export/export-pieces.ts'
import type { ReadProfiles } from '../data/export/profile-values.ts'
import { assumeDuplicates, openProof, type Unproven } from '../data/plan/assume-duplicates.ts'
import {
  countLosing,
  type ExportPlan,
  openedMembers,
  planExport,
  type Selection,
} from '../data/plan/export-plan.ts'
import { type FindDuplicatesDeps, findDuplicates } from '../data/plan/find-duplicates.ts'
import { type FolderWindow, folderKey, hoursOf, manifestKey } from '../data/plan/folder-key.ts'
import type { LosingLines } from '../data/plan/losing-lines.ts'
import { openSpool } from '../data/spool.ts'
import type { EventStore } from '../data/store/event-store.ts'
import type { Member } from '../data/store/member.ts'
import type { CommitNumber, ProjectId } from '../ids.ts'
import type { RunInThread } from '../threads/pool.ts'
import { createFileRecord, madeOf, selectionHash } from './file-record.ts'
import { type ManifestSubject, manifestObject } from './folder-manifest.ts'
import type { RunLease } from './run-lease.ts'

export interface ExportFolderDeps {
  store: EventStore
  run: RunInThread
  readProfiles: ReadProfiles
  spoolFolder: string
  partSizeBytes: number
  fileSizeBytes: number
  dedupKeysInMemoryMax: number
  uploadsMax: number
}

export interface FolderExport {
  projectId: ProjectId
  prefix: string | null
  window: FolderWindow
  /** Event names that are wanted; null: all. */
  eventNames: string[] | null
  /** The segmentation expression that they must meet; null: none. */
  where: string | null
  /** What the folder shows: every commit up to this one. */
  snapshot: CommitNumber
  /** Since when profiles are read that the expression asks for; null: it asks for none. */
  profilesReadAtMs: number | null
  destination: Destination
  lease: RunLease
  /** What the folder's manifest in the bucket is about; undefined: none is written there. */
  manifest?: ManifestSubject | undefined
  /** Told of what it comes to next. */
  onStep?: (step: 'writing' | 'finishing') => void
  /** Told of each file that the bucket has confirmed. */
  onDelivered?: (file: DeliveredFile) => void
}

export interface ExportedFolder {
  files: number
  events: number
  bytes: number
  contents: FolderContents
}

export async function exportFolder(deps: ExportFolderDeps, work: FolderExport): Promise<ExportedFolder> {
  const { signal } = work.lease
  const members = await folderMembers(deps, work)
  const { losing, unproven } = await assumeDuplicates(planningOf(deps, signal), members)
  try {
    return await exportPlanned(deps, work, planOf(work, members, losing), unproven)
  } catch (error) {
    if (!(error instanceof DuplicatesNotProven)) throw error
    // The folder has no `complete` yet. What stands there goes like what an earlier try has left, and has been told of.
    const { onDelivered: _told, ...again } = work
    return await exportPlanned(deps, again, await planFolder(deps, again, signal))
  }
}

/** @param unproven of the plan's duplicates. DuplicatesNotProven is thrown where they are others. */
async function exportPlanned(
  deps: ExportFolderDeps,
  work: FolderExport,
  plan: ExportPlan,
  unproven?: Unproven,
): Promise<ExportedFolder> {
  const { signal } = work.lease
  work.onStep?.('writing')
  const spool = await openSpool(deps.spoolFolder)
  const record = createFileRecord(({ steps }) => ({
    members: madeOf(steps),
    afterCommit: 0 as CommitNumber,
    upToCommit: work.snapshot,
  }))
  const contents = () => ({
    seenCommit: work.snapshot,
    selection: selectionHash(work),
    duplicates: countLosing(plan),
    profilesReadAtMs: work.profilesReadAtMs,
    files: record.files,
  })
  const proof = unproven && openProof({ ...deps, spool, signal }, unproven, openedMembers(plan))
  try {
    const pieces = exportPieces({ ...deps, spool, signal, ...(proof && { proof }) }, plan)
    const delivered = await deliverFolder(work.destination, {
      folder: folderKey(work.prefix, work.projectId, work.window),
      files: record.passing(exportFiles(pieces, deps.fileSizeBytes)),
      uploadsMax: deps.uploadsMax,
      signal,
      checkpoint: work.lease.checkpoint,
      manifest: manifestOf(work, contents),
      onUploaded: () => work.onStep?.('finishing'),
      ...(work.onDelivered === undefined ? {} : { onDelivered: work.onDelivered }),
    })
    return { ...countDelivered(delivered), contents: contents() }
  } finally {
    await proof?.end()
    await spool.close()
  }
}

/** @param contents known once every file is written */
export function manifestOf(
  { manifest }: Pick<FolderExport, 'manifest'>,
  contents: () => FolderContents,
): FolderDelivery['manifest'] {
  if (manifest === undefined) return undefined
  const { prefix, projectId, window } = manifest
  return {
    key: manifestKey(prefix, projectId, window),
    content: () => manifestObject(manifest, contents()).content,
  }
}

type PlanDeps = Pick<ExportFolderDeps, 'store' | 'run' | 'spoolFolder' | 'dedupKeysInMemoryMax'>
type FolderToPlan = Pick<FolderExport, 'projectId' | 'window' | 'snapshot' | 'eventNames' | 'where'> & {
  timeInMs?: true
}

/** What a folder consists of as of the snapshot: what is copied, what is opened, what is left out. */
export async function planFolder(
  deps: PlanDeps,
  work: FolderToPlan,
  signal: AbortSignal,
): Promise<ExportPlan> {
  const members = await folderMembers(deps, work)
  return planOf(work, members, await findDuplicates(planningOf(deps, signal), members))
}

function folderMembers(
  { store }: PlanDeps,
  { projectId, window, snapshot }: FolderToPlan,
): Promise<Member[]> {
  return store.members(hoursOf(projectId, window), snapshot)
}

function planningOf(deps: PlanDeps, signal: AbortSignal): FindDuplicatesDeps {
  return { ...deps, keysInMemoryMax: deps.dedupKeysInMemoryMax, signal }
}

function planOf(work: FolderToPlan, members: Member[], losing: LosingLines): ExportPlan {
  const { timeInMs } = work
  return planExport({
    members,
    losing,
    ...selectionOf(work),
    ...(timeInMs === undefined ? {} : { timeInMs }),
  })
}

/** What of its hours the folder is to show. */
export function selectionOf({ eventNames, where }: Pick<FolderExport, 'eventNames' | 'where'>): Selection {
  return {
    ...(eventNames === null ? {} : { eventNames: new Set(eventNames) }),
    ...(where === null ? {} : { where }),
  }
}
