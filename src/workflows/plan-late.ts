/** From the record of a folder and the store to what a sync does. */
import type { FolderContents } from '../control/folders/folder-contents.ts'
import { isWanted } from '../data/plan/export-plan.ts'
import { unpackFileMembers } from '../data/plan/file-members.ts'
import { findDuplicates } from '../data/plan/find-duplicates.ts'
import { findReplaced } from '../data/plan/find-replaced.ts'
import { hoursOf } from '../data/plan/folder-key.ts'
import { planSync, type SyncPlan } from '../data/plan/sync-plan.ts'
import { type ExportFolderDeps, type FolderExport, selectionOf } from './export-folder.ts'

export async function planLate(
  deps: ExportFolderDeps,
  work: FolderExport,
  { seenCommit, files }: FolderContents,
): Promise<SyncPlan> {
  const { store, dedupKeysInMemoryMax: keysInMemoryMax } = deps
  const planning = { ...deps, keysInMemoryMax, signal: work.lease.signal }
  const selection = selectionOf(work)
  const hours = hoursOf(work.projectId, work.window)
  const news = await store.members(hours, work.snapshot, seenCommit)
  const late = news.filter((member) => isWanted(member, selection))
  const older = late.length === 0 ? [] : await store.members(hours, seenCommit)
  return planSync({
    files: files.map((file) => ({ ...file, members: unpackFileMembers(file.members) })),
    older,
    replaced: await findReplaced(planning, older, late),
    late,
    losing: await findDuplicates(planning, late),
    ...selection,
  })
}
