/**
 * Reads a finished folder back from its bucket and holds it against what the export recorded and what the store has. Changes
 * nothing.
 */
import { crc32 } from 'node:zlib'
import type { FolderContents, FolderFile } from '../control/folders/folder-contents.ts'
import { markerName } from '../data/deliver/deliver-folder.ts'
import type { Destination, FolderObject } from '../data/deliver/destination.ts'
import { exportFiles } from '../data/export/export-files.ts'
import { exportPieces } from '../data/export/export-pieces.ts'
import { type FolderWindow, folderKey } from '../data/plan/folder-key.ts'
import { openSpool } from '../data/spool.ts'
import type { ProjectId } from '../ids.ts'
import { type ExportFolderDeps, planFolder } from './export-folder.ts'
import { isSelectedAsThen } from './file-record.ts'
import { type ManifestSubject, manifestObject } from './folder-manifest.ts'

type DifferenceKind =
  | 'file missing'
  | 'file differs'
  | 'stray object'
  | 'encryption differs'
  | 'complete missing'
  | 'complete not empty'
  | 'manifest missing'
  | 'manifest differs'
  | 'events differ'
  | 'not delivered'

export interface FolderDifference {
  kind: DifferenceKind
  /** Object key; the folder's for what concerns no single object. */
  key: string
  /** What was found and what was expected, in words. */
  found: string
}

export interface FolderToVerify {
  projectId: ProjectId
  prefix: string | null
  window: FolderWindow
  eventNames: string[] | null
  where: string | null
  contents: FolderContents
  /** What its manifest in the bucket is about; undefined: there is none. */
  manifest?: ManifestSubject | undefined
  destination: Destination
  signal: AbortSignal
}

/** @throws PenstockError when the bucket or the store can't be read */
export async function verifyFolder(
  deps: Omit<ExportFolderDeps, 'uploadsMax'>,
  work: FolderToVerify,
): Promise<FolderDifference[]> {
  const folder = folderKey(work.prefix, work.projectId, work.window)
  const objects = await work.destination.listFolder(folder, work.signal)
  const byKey = new Map(objects.map((object) => [object.key, object]))
  const differences = await completeDifferences(work, folder, byKey)
  byKey.delete(folder + markerName)
  for (const file of work.contents.files) {
    const key = folder + file.name
    differences.push(...(await fileDifferences(work, key, file, byKey.get(key))))
    byKey.delete(key)
  }
  for (const { key, bytes } of byKey.values()) {
    differences.push({ kind: 'stray object', key, found: `${bytes} bytes that no export put there` })
  }
  differences.push(...(await manifestDifferences(work)))
  return [...differences, ...(await storeDifferences(deps, work, folder))]
}

export function eventsOf({ files }: FolderContents): number {
  return files.reduce((sum, { events }) => sum + events, 0)
}

async function completeDifferences(
  { destination, signal }: FolderToVerify,
  folder: string,
  objects: Map<string, FolderObject>,
): Promise<FolderDifference[]> {
  const key = folder + markerName
  const listed = objects.get(key)
  if (listed === undefined) return [{ kind: 'complete missing', key, found: 'no such object' }]
  if (listed.bytes > 0)
    return [{ kind: 'complete not empty', key, found: `${listed.bytes} bytes, expected 0` }]
  return encryptionDifference(key, await destination.readObject(key, 0, signal))
}

async function manifestDifferences({
  manifest,
  contents,
  destination,
  signal,
}: FolderToVerify): Promise<FolderDifference[]> {
  if (manifest === undefined) return []
  const { key, content } = manifestObject(manifest, contents)
  const folder = key.slice(0, key.lastIndexOf('/') + 1)
  const listed = (await destination.listFolder(folder, signal)).find((object) => object.key === key)
  if (listed === undefined) return [{ kind: 'manifest missing', key, found: 'no such object' }]
  const stored =
    listed.bytes === content.length ? await destination.readObject(key, listed.bytes, signal) : undefined
  if (stored === undefined || !content.equals(stored.bytes)) {
    return [{ kind: 'manifest differs', key, found: 'it does not say what was exported' }]
  }
  return encryptionDifference(key, stored)
}

async function fileDifferences(
  { destination, signal }: FolderToVerify,
  key: string,
  file: FolderFile,
  listed: FolderObject | undefined,
): Promise<FolderDifference[]> {
  const { lengthBytes, events } = file
  if (listed === undefined)
    return [{ kind: 'file missing', key, found: `no such object, expected ${events} events` }]
  if (listed.bytes !== lengthBytes) {
    return [{ kind: 'file differs', key, found: `${listed.bytes} bytes, expected ${lengthBytes}` }]
  }
  const stored = await destination.readObject(key, lengthBytes, signal)
  if (stored === undefined) return [{ kind: 'file missing', key, found: 'gone since it was listed' }]
  const sum = crc32(stored.bytes)
  if (sum !== file.crc32) {
    return [{ kind: 'file differs', key, found: `CRC32 ${hex(sum)}, expected ${hex(file.crc32)}` }]
  }
  return encryptionDifference(key, stored)
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0')
}

function encryptionDifference(
  key: string,
  stored: { isEncryptedAsAsked: boolean } | undefined,
): FolderDifference[] {
  if (stored?.isEncryptedAsAsked !== false) return []
  return [{ kind: 'encryption differs', key, found: 'not encrypted as the pipeline asks' }]
}

/**
 * Counts what an export as of the same commit would write now. Left out is a pipeline that selects something else since, or
 * may, as profiles of users have changed.
 */
async function storeDifferences(
  deps: Omit<ExportFolderDeps, 'uploadsMax'>,
  work: FolderToVerify,
  folder: string,
): Promise<FolderDifference[]> {
  if (!isSelectedAsThen(work, work.contents) || work.contents.profilesReadAtMs !== null) return []
  const delivered = eventsOf(work.contents)
  const expected = await countEvents(deps, work)
  if (delivered === expected) return []
  return [{ kind: 'events differ', key: folder, found: `${delivered} events, the store has ${expected}` }]
}

async function countEvents(
  deps: Omit<ExportFolderDeps, 'uploadsMax'>,
  work: FolderToVerify,
): Promise<number> {
  const { signal, contents } = work
  return await deps.store.hold(async () => {
    const plan = await planFolder(deps, { ...work, snapshot: contents.seenCommit }, signal)
    const spool = await openSpool(deps.spoolFolder)
    try {
      let events = 0
      const pieces = exportPieces({ ...deps, spool, signal }, plan)
      for await (const file of exportFiles(pieces, deps.fileSizeBytes)) events += file.eventCount
      return events
    } finally {
      await spool.close()
    }
  })
}
