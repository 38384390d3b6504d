/** The files that a sync writes, and those that it leaves. */
import type { FolderContents, FolderFile } from '../control/folders/folder-contents.ts'
import type { FolderObject } from '../data/deliver/destination.ts'
import type { CutFile } from '../data/export/export-file.ts'
import { exportFiles } from '../data/export/export-files.ts'
import { exportPieces } from '../data/export/export-pieces.ts'
import type { SyncPlan } from '../data/plan/sync-plan.ts'
import type { Spool } from '../data/spool.ts'
import type { ExportFolderDeps, FolderExport } from './export-folder.ts'

/** The files in which late lines replace others, under the ordinals that they have; none of one that has no line left. */
export async function rewriteFiles(
  deps: ExportFolderDeps,
  { lease: { signal } }: FolderExport,
  { rewritten }: SyncPlan,
  spool: Spool,
): Promise<CutFile[]> {
  const files: CutFile[] = []
  for (const { ordinal, plan } of rewritten) {
    const pieces = exportPieces({ ...deps, spool, signal }, plan)
    files.push(...(await Array.fromAsync(exportFiles(pieces, Number.POSITIVE_INFINITY, ordinal))))
  }
  return files
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
