/**
 * A second look at a finished folder, some time after an attempt at it broke off: a request of that one may have arrived
 * since, on a network that held it. What the record says is put back; what came in since stays out.
 */
import type { FolderChange, FolderContents } from '../control/folders/folder-contents.ts'
import type { RunResult } from '../control/runs/finish-run.ts'
import { deliverFolder, isWhole, putManifest } from '../data/deliver/deliver-folder.ts'
import { folderKey } from '../data/plan/folder-key.ts'
import { type ExportFolderDeps, type FolderExport, manifestOf } from './export-folder.ts'
import { areThere } from './sync-files.ts'

/** Undefined, with nothing changed, where a file is not there as it was written: the folder is to be exported whole. */
export async function lookAgain(
  { uploadsMax }: Pick<ExportFolderDeps, 'uploadsMax'>,
  work: FolderExport,
  contents: FolderContents,
): Promise<(RunResult & { change: FolderChange }) | undefined> {
  const { destination, lease } = work
  const folder = folderKey(work.prefix, work.projectId, work.window)
  const listed = await destination.listFolder(folder, lease.signal)
  if (!areThere(listed, folder, contents.files)) return undefined
  const keep = new Set(contents.files.map(({ name }) => `${folder}${name}`))
  // It may be an earlier attempt's: its length says nothing, and to write it costs as much as to read it.
  const manifest = manifestOf(work, () => contents)
  if (isWhole(listed, folder, keep)) await putManifest(destination, { ...lease, manifest })
  else await deliverFolder(destination, { ...lease, folder, keep, manifest, uploadsMax, files: [] })
  return { files: 0, events: 0, bytes: 0, change: { seenCommit: work.snapshot, duplicates: 0 } }
}
