/** From the record of a folder and the store to what a sync does. */
import type { FolderContents } from '../control/folders/folder-contents.ts'
import { isWanted } from '../data/plan/export-plan.ts'
import { unpackFileMembers } from '../data/plan/file-members.ts'
import { findDuplicates } from '../data/plan/find-duplicates.ts'
import { findReplaced } from '../data/plan/find-replaced.ts'
import { hoursOf } from '../data/plan/folder-key.ts'
import { planSync, type SyncPlan } from '../data/plan/sync-plan.ts'
import type { Member } from '../data/store/member.ts'
import type { TimeRange } from '../data/store/member-index.ts'
import { sideBySide } from '../side-by-side.ts'
import { type ExportFolderDeps, type FolderExport, selectionOf } from './export-folder.ts'

/** Members that came since the folder was written, as far as they may have lines that it is to show. */
export async function lateMembers(
  { store }: Pick<ExportFolderDeps, 'store'>,
  work: FolderExport,
  { seenCommit }: FolderContents,
): Promise<Member[]> {
  const news = await store.members(hoursOf(work.projectId, work.window), work.snapshot, seenCommit)
  const selection = selectionOf(work)
  return news.filter((member) => isWanted(member, selection))
}

export async function planLate(
  deps: ExportFolderDeps,
  work: FolderExport,
  { seenCommit, files }: FolderContents,
  late: Member[],
): Promise<SyncPlan> {
  const { store, dedupKeysInMemoryMax: keysInMemoryMax } = deps
  const planning = { ...deps, keysInMemoryMax, signal: work.lease.signal }
  const hours = hoursOf(work.projectId, work.window)
  const olderAt = (times: TimeRange[]) => store.membersAt(times, hours, seenCommit)
  const [replaced, losing] = await sideBySide(
    findReplaced(planning, olderAt, late),
    findDuplicates(planning, late),
  )
  const selection = selectionOf(work)
  // Where nothing is replaced, no file is written anew, and it doesn't matter what they are made of.
  if (replaced.length === 0) return planSync({ files: [], older: [], replaced, late, losing, ...selection })
  return planSync({
    files: files.map((file) => ({ ...file, members: unpackFileMembers(file.members) })),
    older: await store.members(hours, seenCommit),
    replaced,
    late,
    losing,
    ...selection,
  })
}
