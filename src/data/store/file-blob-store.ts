import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rmdir, stat, statfs, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { SegmentId } from '../../ids.ts'
import type { BlobStore, StoreTrouble } from './blob-store.ts'
import { readRange, readRanges, streamRange, withFile } from './read-segment-file.ts'
import { folderDigits, parseSegmentName, segmentExtension, segmentName } from './segment-name.ts'

const folderMs = 16 ** (12 - folderDigits)
/** Less free disk than this, and a commit may not fit. */
const freeBytesMin = 64 * 1024 * 1024

/**
 * Segments as files below `root`, which is made if it isn't there: `<first digits of the id>/<id>.segment`.
 * @throws PenstockError STORE_UNUSABLE
 */
export async function openFileBlobStore(root: string): Promise<BlobStore> {
  await makeFolder(root).catch((cause) => {
    throw unusable(root, cause)
  })
  const durableFolder = rememberDurableFolders()
  const path = (id: SegmentId): string => join(root, segmentName(id))
  return {
    location: root,
    write: (id, bytes) => writeDurably(path(id), bytes, durableFolder),
    read: async (id, offset, length) => {
      const bytes = new Uint8Array(length)
      await readRange(path(id), offset, bytes)
      return bytes
    },
    readInto: (id, offset, target) => readRange(path(id), offset, target),
    readRanges: (ranges, run) => readRanges(path, ranges, run),
    stream: (id, offset, length, buffer) => streamRange(path(id), offset, length, buffer),
    list: () => listSegments(root),
    remove: (ids) => removeDurably(ids.map(path)),
    trouble: () => diskTrouble(root),
    probe: () => probe(root),
    close: () => {},
  }
}

async function writeDurably(
  path: string,
  bytes: Uint8Array,
  durableFolder: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path)
  try {
    await durableFolder(folder)
    const file = await open(path, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
      // The name is durable only when its folder is.
      await syncFolder(folder)
    } catch (cause) {
      await unlink(path).catch(() => undefined)
      throw cause
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw writeFailed(cause)
  }
}

function unusable(root: string, cause: unknown): PenstockError {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new PenstockError(
    'outside',
    'STORE_UNUSABLE',
    `event store at ${root}: ${said}. PENSTOCK_STORE_URL, or else PENSTOCK_DATA_DIR, must name a folder that this user may write to, on a disk with room.`,
    { cause },
  )
}

function writeFailed(cause: unknown): PenstockError {
  return new PenstockError('outside', 'STORE_WRITE_FAILED', writeProblem(cause), { cause, retryable: true })
}

/** Space comes back with the file; the folder is synced so that no power cut brings a file back that nothing names. */
async function removeDurably(paths: string[]): Promise<void> {
  for (const path of paths) await unlink(path).catch(ignoreMissing)
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    await syncFolder(folder).catch(ignoreMissing)
    if (isOver(folder)) await rmdir(folder).catch(ignoreMissingOrFull)
  }
}

/** Whether no process writes to the folder any more, even if its clock is late. */
function isOver(folder: string): boolean {
  const endMs = (Number.parseInt(basename(folder), 16) + 1) * folderMs
  return endMs + 2 * 3_600_000 < Date.now()
}

function writeProblem(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? 'the event store has no room left: free disk space; nothing of this was stored'
    : `the event store can't be written (${code}): check its disk and permissions; nothing of this was stored`
}

/**
 * Makes a folder and syncs its parent, once a folder: writers at the same time wait for the same sync, so none of them
 * answers before the folder's own name is durable.
 */
function rememberDurableFolders(): (folder: string) => Promise<void> {
  let current: { folder: string; made: Promise<void> } | undefined
  return async (folder) => {
    if (current?.folder !== folder) current = { folder, made: makeFolder(folder) }
    const { made } = current
    await made.catch((cause: unknown) => {
      if (current?.made === made) current = undefined
      throw cause
    })
  }
}

/** The folder and those above it that are missing, each with its name durable in the one above. */
async function makeFolder(folder: string): Promise<void> {
  const topmost = (await mkdir(folder, { recursive: true })) ?? folder
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

async function syncFolder(folder: string): Promise<void> {
  await withFile(open(folder, 'r'), (handle) => handle.sync())
}

async function* listSegments(root: string): AsyncGenerator<{ id: SegmentId; byteLength: number }> {
  for (const folder of (await readdir(root)).sort()) {
    const names = await readdir(join(root, folder)).catch(() => [])
    for (const name of names.filter((candidate) => candidate.endsWith(segmentExtension)).sort()) {
      const id = parseSegmentName(`${folder}/${name}`)
      if (id === undefined) continue
      const { size } = await stat(join(root, folder, name))
      yield { id, byteLength: size }
    }
  }
}

async function diskTrouble(root: string): Promise<StoreTrouble | undefined> {
  try {
    const { bavail, bsize } = await statfs(root)
    if (bavail * bsize >= freeBytesMin) return undefined
    return { words: 'the disk of the event store is full', isLasting: false }
  } catch {
    return { words: 'the folder of the event store is gone', isLasting: true }
  }
}

async function probe(root: string): Promise<void> {
  const path = join(root, `check-${randomUUID()}`)
  await writeFile(path, 'probe', { flush: true })
  await unlink(path)
}

function ignoreMissingOrFull(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause
}

function ignoreMissing(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ENOENT') throw cause
}
