/**
 * Late events into a finished folder: what came since it was written last is added as files of its own, and of the files
 * that are there only those are written anew in which a late line replaces one. Its cost follows what came late.
 *
 * Idempotent like an export: what the folder consists of is recorded with the run's success, so until then every
 * attempt starts from the same record and the same snapshot, and writes the same files.
 */
import type { Logger } from 'pino'
import type { FolderChange, FolderContents } from '../control/folders/folder-contents.ts'
import type { KnownFolder } from '../control/folders/read-folder.ts'
import type { RunResult } from '../control/runs/finish-run.ts'
import { countDelivered, deliverFolder, putManifest } from '../data/deliver/deliver-folder.ts'
import type { FolderObject } from '../data/deliver/destination.ts'
import type { CutFile } from '../data/export/export-file.ts'
import { countLosing } from '../data/plan/export-plan.ts'
import { folderKey } from '../data/plan/folder-key.ts'
import type { SyncPlan } from '../data/plan/sync-plan.ts'
import { openSpool, type Spool } from '../data/spool.ts'
import { type ExportFolderDeps, exportFolder, type FolderExport, manifestOf } from './export-folder.ts'
import { createFileRecord, isSelectedAsThen, type KnownOfFile, madeOf } from './file-record.ts'
import { lookAgain } from './look-again.ts'
import { lateMembers, planLate } from './plan-late.ts'
import { searchFiles } from './search-files.ts'
import { areThere, lateFiles, rewriteFiles } from './sync-files.ts'

export interface SyncFolderDeps extends ExportFolderDeps {
  log: Logger
}

/** What was written. `exported`: the whole folder, as an export does. */
export type SyncedFolder = RunResult & ({ change: FolderChange } | { exported: FolderContents })

/** @param known what the control plane knows of the folder */
export async function syncFolder(
  deps: SyncFolderDeps,
  work: FolderExport,
  known: KnownFolder | undefined,
): Promise<SyncedFolder> {
  const contents = known?.contents
  if (contents === undefined) return await syncWhole(deps, work, 'its files are not recorded')
  const missing = 'its files are not in the bucket as they were written'
  if (work.snapshot === contents.seenCommit) {
    return (await lookAgain(deps, work, contents)) ?? (await syncWhole(deps, work, missing))
  }
  if (!isSelectedAsThen(work, contents)) {
    return await syncWhole(deps, work, 'the pipeline selects other events than when it was written')
  }
  if (contents.profilesReadAtMs !== null) {
    return await syncWhole(deps, work, 'the profiles that decide which events are in it may have changed')
  }
  const late = await lateMembers(deps, work, contents)
  // The folder is looked at meanwhile; where nothing came that is wanted, nothing is asked of the bucket.
  const listing = late.length === 0 ? Promise.resolve([]) : listFolder(work)
  const spool = await openSpool(deps.spoolFolder)
  try {
    const plan = await planLate(deps, work, contents, late)
    work.onStep?.('writing')
    const synced = await syncLate(deps, work, contents, plan, { spool, listing })
    return (
      synced ?? (await syncWhole(deps, work, `${missing}, or late events replace too many of their lines`))
    )
  } finally {
    await Promise.allSettled([listing])
    await spool.close()
  }
}

function listFolder({
  prefix,
  projectId,
  window,
  destination,
  lease,
}: FolderExport): Promise<FolderObject[]> {
  const listing = destination.listFolder(folderKey(prefix, projectId, window), lease.signal)
  // It may fail before anybody waits for it.
  listing.catch(() => undefined)
  return listing
}

async function syncWhole(deps: SyncFolderDeps, work: FolderExport, reason: string): Promise<SyncedFolder> {
  deps.log.info({ reason }, 'sync: the folder is exported whole')
  const { contents: exported, ...result } = await exportFolder(deps, work)
  return { ...result, exported }
}

/** Undefined, with nothing changed, where the folder is to be exported whole. */
async function syncLate(
  deps: SyncFolderDeps,
  work: FolderExport,
  contents: FolderContents,
  plan: SyncPlan,
  { spool, listing }: { spool: Spool; listing: Promise<FolderObject[]> },
): Promise<SyncedFolder | undefined> {
  const searched = await searchFiles(deps, work, contents, plan, spool)
  if (searched === undefined) return undefined
  const rewritten = await rewriteFiles(deps, work, contents, plan, spool)
  const ordinals = new Set([...rewritten.ordinals, ...searched.ordinals])
  const duplicates = rewritten.dropped + searched.dropped + countLosing(plan.late)
  const late = lateFiles(deps, work, contents, plan, spool)
  try {
    // Nothing is touched before there is something to write.
    const first = await late.next()
    if (first.done === true && ordinals.size === 0) return await keepFiles(work, contents, duplicates)
    const files = inOrder(
      [...rewritten.files, ...searched.files],
      first.done === true ? [] : [first.value],
      late,
    )
    return await writeFiles(deps, work, contents, { ordinals, duplicates, files, listed: await listing })
  } finally {
    // Whatever was thrown: nothing may go on writing to the spool.
    await late.return(undefined)
  }
}

/** Nothing that the pipeline selects came late or is replaced: only a manifest says that the folder has seen more. */
async function keepFiles(
  work: FolderExport,
  contents: FolderContents,
  duplicates: number,
): Promise<SyncedFolder> {
  const change = { seenCommit: work.snapshot, duplicates }
  const manifest = manifestOf(work, () => after(contents, change))
  await putManifest(work.destination, { ...work.lease, manifest })
  return { files: 0, events: 0, bytes: 0, change }
}

/** What the folder consists of once the change is recorded. */
function after(before: FolderContents, { seenCommit, duplicates, files }: FolderChange): FolderContents {
  const kept = before.files.filter(({ ordinal }) => files === undefined || files.kept.includes(ordinal))
  return {
    ...before,
    seenCommit,
    duplicates: before.duplicates + duplicates,
    files: [...kept, ...(files?.files ?? [])],
  }
}

interface WrittenFiles {
  /** Of the files that are written anew, or are gone. */
  ordinals: ReadonlySet<number>
  duplicates: number
  files: AsyncIterable<CutFile>
  /** What the folder held when the sync began. */
  listed: FolderObject[]
}

async function writeFiles(
  { uploadsMax }: SyncFolderDeps,
  work: FolderExport,
  contents: FolderContents,
  { ordinals, duplicates, files, listed }: WrittenFiles,
): Promise<SyncedFolder | undefined> {
  const { signal, checkpoint } = work.lease
  const folder = folderKey(work.prefix, work.projectId, work.window)
  const kept = contents.files.filter(({ ordinal }) => !ordinals.has(ordinal))
  if (!areThere(listed, folder, kept)) return undefined
  const record = createFileRecord(knownOf(work, contents))
  const change = {
    seenCommit: work.snapshot,
    duplicates,
    files: { kept: kept.map(({ ordinal }) => ordinal), files: record.files },
  }
  const delivered = await deliverFolder(work.destination, {
    folder,
    isFinished: true,
    keep: new Set(kept.map(({ name }) => `${folder}${name}`)),
    files: record.passing(files),
    ...{ uploadsMax, signal, checkpoint },
    manifest: manifestOf(work, () => after(contents, change)),
    onUploaded: () => work.onStep?.('finishing'),
    ...(work.onDelivered === undefined ? {} : { onDelivered: work.onDelivered }),
  })
  return { ...countDelivered(delivered), change }
}

/** A file written anew holds what the old one held, but for some lines; a new one, what came since the folder was written. */
function knownOf({ snapshot: upToCommit }: FolderExport, { files, seenCommit: afterCommit }: FolderContents) {
  const before = new Map(files.map((file) => [file.ordinal, file]))
  return ({ ordinal, steps }: CutFile): KnownOfFile => {
    const old = before.get(ordinal)
    if (old === undefined) return { members: madeOf(steps), afterCommit, upToCommit }
    return steps.length === 0 ? old : { ...old, members: madeOf(steps) }
  }
}

async function* inOrder(
  rewritten: CutFile[],
  first: CutFile[],
  late: AsyncIterable<CutFile>,
): AsyncGenerator<CutFile> {
  yield* rewritten
  yield* first
  yield* late
}
