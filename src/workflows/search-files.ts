/**
 * Takes replaced lines out of files whose members were merged with others since: which lines a file holds, only the file
 * itself tells. It is read back from the bucket, held against its recorded checksum, and written anew without them.
 */
import { gunzipSync } from 'node:zlib'
import type { FolderContents, FolderFile } from '../control/folders/folder-contents.ts'
import type { DropLinesInput, DroppedLines } from '../data/export/drop-lines.ts'
import { exportFiles } from '../data/export/export-files.ts'
import type { RewriteInput, RewrittenMember } from '../data/export/rewrite-members.ts'
import { spoolPiece } from '../data/export/spool-piece.ts'
import { eventOfIdentity, lineIdentity } from '../data/ingest/line-identity.ts'
import { folderKey } from '../data/plan/folder-key.ts'
import { countLines, invertLines } from '../data/plan/line-bits.ts'
import type { SearchPlan, SyncPlan } from '../data/plan/sync-plan.ts'
import type { Spool } from '../data/spool.ts'
import { eachLine } from '../data/store/open-member.ts'
import { type ExportFolderDeps, type FolderExport, selectionOf } from './export-folder.ts'
import { areThere, type RemadeFiles } from './sync-files.ts'

interface ReplacedLine {
  timeMs: number
  line: Uint8Array
}

/** Undefined where the folder is better exported whole: a file has changed, or more lines are replaced than memory may hold. */
export async function searchFiles(
  deps: ExportFolderDeps,
  work: FolderExport,
  { files }: FolderContents,
  { searched }: SyncPlan,
  spool: Spool,
): Promise<RemadeFiles | undefined> {
  const found: RemadeFiles = { files: [], ordinals: [], dropped: 0 }
  const count = searched.replaced.reduce((sum, { lines }) => sum + countLines(lines), 0)
  // A line takes as much memory as some tens of keys.
  if (count > deps.dedupKeysInMemoryMax / 32) return undefined
  const replaced = await readReplaced(deps, work, searched)
  const inTime = (file: FolderFile) =>
    replaced.filter(({ timeMs }) => timeMs >= file.minTimeMs && timeMs <= file.maxTimeMs)
  const candidates = files.filter(
    (file) => searched.ordinals.includes(file.ordinal) && inTime(file).length > 0,
  )
  if (!(await areInBucket(work, candidates))) return undefined
  for (const file of candidates) {
    const { rest, dropped } = await dropFrom(deps, work, file, inTime(file))
    if (rest === undefined) return undefined
    if (dropped === 0) continue
    found.ordinals.push(file.ordinal)
    found.dropped += dropped
    if (rest.eventCount === 0) continue
    const known = { steps: [], bounds: rest.span, isMeasured: true }
    const piece = await spoolPiece({ ...deps, spool }, rest, known)
    found.files.push(...(await Array.fromAsync(exportFiles([piece], piece.lengthBytes, file.ordinal))))
  }
  return found
}

async function areInBucket(work: FolderExport, files: FolderFile[]): Promise<boolean> {
  if (files.length === 0) return true
  const folder = folderKey(work.prefix, work.projectId, work.window)
  return areThere(await work.destination.listFolder(folder, work.lease.signal), folder, files)
}

async function dropFrom(
  { run }: ExportFolderDeps,
  { prefix, projectId, window, destination, lease }: FolderExport,
  { name, lengthBytes, crc32 }: FolderFile,
  replaced: readonly ReplacedLine[],
): Promise<DroppedLines> {
  const key = `${folderKey(prefix, projectId, window)}${name}`
  const object = await destination.getObject(key, lengthBytes, lease.signal)
  if (object === undefined) return { dropped: 0 }
  const file = new Uint8Array(object)
  const input = { file, crc32, lines: replaced.map(({ line }) => line) }
  return await run<DropLinesInput, DroppedLines>('dropLines', input, [file.buffer])
}

/** The replaced lines that the folder shows at all, as they were written into their files. */
async function readReplaced(
  { store, run }: ExportFolderDeps,
  work: FolderExport,
  { replaced }: SearchPlan,
): Promise<ReplacedLine[]> {
  const found: ReplacedLine[] = []
  for (const { member, lines } of replaced) {
    work.lease.signal.throwIfAborted()
    const gzip = await store.readMember(member)
    const others = invertLines(lines, member.eventCount)
    const members = [{ gzip, rawBytes: member.rawBytes, losing: others }]
    const rewritten = await run<RewriteInput, RewrittenMember | undefined>(
      'rewriteMembers',
      { members, ...selectionOf(work) },
      [gzip.buffer],
    )
    if (rewritten === undefined) continue
    for (const line of eachLine(gunzipSync(rewritten.gzip))) {
      found.push({ line: line.slice(), timeMs: eventOfIdentity(lineIdentity(line)).timeMs })
    }
  }
  return found
}
