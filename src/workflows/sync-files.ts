/** The files that a sync writes, and those that it leaves. */
import type { FolderContents, FolderFile } from '../control/folders/folder-contents.ts'
import type { FolderObject } from '../data/deliver/destination.ts'
import type { CutFile } from '../data/export/export-file.ts'
import { exportFiles } from '../data/export/export-files.ts'
import { exportPieces } from '../data/export/export-pieces.ts'
import type { SyncPlan } from '../data/plan/sync-plan.ts'
import type { Spool } from '../data/spool.ts'
import type { ExportFolderDeps, FolderExport } from './export-folder.ts'

/** Files that held a line that a late one replaces. */
export interface RemadeFiles {
  /** Under the ordinals that they have; a file that has no line left is not among them. */
  files: CutFile[]
  ordinals: number[]
  /** Lines that were taken out. */
  dropped: number
}

/**
 * The planned files without the lines that are replaced. A member that a file was made of has lines that were never
 * selected, too: where only such ones are replaced, the file stays as it is.
 */
export async function rewriteFiles(
  deps: ExportFolderDeps,
  { lease: { signal } }: FolderExport,
  { files }: FolderContents,
  { rewritten }: SyncPlan,
  spool: Spool,
): Promise<RemadeFiles> {
  const eventsBefore = new Map(files.map(({ ordinal, events }) => [ordinal, events]))
  const remade: RemadeFiles = { files: [], ordinals: [], dropped: 0 }
  for (const { ordinal, plan } of rewritten) {
    const pieces = exportPieces({ ...deps, spool, signal }, plan)
    const [file] = await Array.fromAsync(exportFiles(pieces, Number.POSITIVE_INFINITY, ordinal))
    // Of one selection, and of the same members: it has fewer lines, or the same ones.
    const dropped = (eventsBefore.get(ordinal) ?? 0) - (file?.eventCount ?? 0)
    if (dropped === 0) continue
    remade.ordinals.push(ordinal)
    remade.dropped += dropped
    if (file !== undefined) remade.files.push(file)
  }
  return remade
}

/** Files of the late lines; their ordinals come after all that the folder has. */
export function lateFiles(
  deps: ExportFolderDeps,
  { lease: { signal } }: FolderExport,
  { files }: FolderContents,
  { late }: SyncPlan,
  spool: Spool,
): AsyncGenerator<CutFile> {
  const firstOrdinal = files.reduce((next, { ordinal }) => Math.max(next, ordinal + 1), 0)
  return exportFiles(exportPieces({ ...deps, spool, signal }, late), deps.fileSizeBytes, firstOrdinal)
}

/** `complete` says that every event is beside it, so it can't go back to where somebody took a file away. */
export function areThere(listed: FolderObject[], folder: string, files: FolderFile[]): boolean {
  const lengths = new Map(listed.map(({ key, bytes }) => [key, bytes]))
  return files.every(({ name, lengthBytes }) => lengths.get(`${folder}${name}`) === lengthBytes)
}
