/** Brings one folder of a bucket into the state that an export wants. Done again, it ends the same. */
import { PenstockError } from '../../errors/penstock-error.ts'
import { sideBySide } from '../../side-by-side.ts'
import { workThrough } from '../../work-through.ts'
import type { ExportFile } from '../export/export-file.ts'
import type { Checkpoint, Destination, FolderObject } from './destination.ts'
import { smallFile } from './small-file.ts'

export interface FolderDelivery {
  /** Ends in `/`: `prefix/42/2026/11/24/full_day/`. */
  folder: string
  files: AsyncIterable<ExportFile> | Iterable<ExportFile>
  /** Keys of data files that stay as they are. */
  keep?: ReadonlySet<string>
  /**
   * The folder was finished before: `complete` is taken to be there, without a look. What else is there is looked for
   * beside the uploads.
   */
  isFinished?: true
  /** Files uploaded at once, and strays deleted at once. */
  uploadsMax: number
  signal: AbortSignal
  checkpoint: Checkpoint
  /** Written when every file is there, before `complete` is. */
  manifest?: { key: string; content(): Buffer } | undefined
  /** Told of each file that the bucket has confirmed. */
  onDelivered?: (file: DeliveredFile) => void
  /** Told when every file is there, before what is left is done. */
  onUploaded?: () => void
}

export interface DeliveredFile {
  key: string
  bytes: number
  events: number
  crc32: number
}

export interface DeliveredFolder {
  /** In the order in which the export yielded them. */
  files: DeliveredFile[]
}

/** The empty object that says that a folder is whole. */
export const markerName = 'complete'

/**
 * Uploads the files, deletes other data files of the folder but those to keep, puts `complete`.
 *
 * Whatever step it dies at, the folder is either without `complete` or right: `complete` goes away before anything is
 * written and comes back when everything is.
 */
export async function deliverFolder(
  destination: Destination,
  delivery: FolderDelivery,
): Promise<DeliveredFolder> {
  const { folder, isFinished, signal, checkpoint } = delivery
  const markerKey = `${folder}${markerName}`
  const list = () => destination.listFolder(folder, signal)
  // A reader takes `complete` to mean that every file is there and none will change: it goes first.
  if (isFinished || hasKey(await list(), markerKey))
    await destination.deleteObject(markerKey, signal, checkpoint)
  const uploading = uploadAll(destination, delivery)
  // A sync's files are few and soon there. An export's may take an hour, in which more may come to the folder.
  const [files, found] = await (isFinished
    ? sideBySide(uploading, list())
    : uploading.then(
        async (uploaded): Promise<[DeliveredFile[], FolderObject[]]> => [uploaded, await list()],
      ))
  delivery.onUploaded?.()
  const ours = new Set([...(delivery.keep ?? []), ...files.map((file) => file.key)])
  await deleteStrays(destination, delivery, { found, ours })
  await putManifest(destination, delivery)
  // And it comes last.
  await destination.putMarker(markerKey, signal, checkpoint)
  return { files }
}

/** What stands there already is replaced. */
export async function putManifest(
  destination: Destination,
  { manifest, signal, checkpoint }: Pick<FolderDelivery, 'manifest' | 'signal' | 'checkpoint'>,
): Promise<void> {
  if (manifest === undefined) return
  await destination.putFile(manifest.key, smallFile(manifest.key, manifest.content()), signal, checkpoint)
}

export function countDelivered({ files }: DeliveredFolder): { files: number; events: number; bytes: number } {
  return {
    files: files.length,
    events: files.reduce((sum, file) => sum + file.events, 0),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  }
}

async function uploadAll(destination: Destination, delivery: FolderDelivery): Promise<DeliveredFile[]> {
  const { folder, checkpoint, onDelivered } = delivery
  const files: DeliveredFile[] = []
  const keys = new Set<string>()
  const work = async (file: ExportFile, signal: AbortSignal): Promise<void> => {
    const key = `${folder}${file.name}`
    if (keys.has(key)) throw filesClash(key)
    keys.add(key)
    const delivered = { key, bytes: file.lengthBytes, events: file.eventCount, crc32: file.crc32 }
    files.push(delivered)
    await destination.putFile(key, file, signal, checkpoint)
    onDelivered?.(delivered)
  }
  await workThrough({ items: delivery.files, atOnceMax: delivery.uploadsMax, signal: delivery.signal, work })
  return files
}

/**
 * Deletes the data files of earlier tries and earlier exports. What does not end in `.json.gz` is left alone: a reader
 * globs for data files only, so it does no harm, and it may be the customer's own (a console's folder placeholder, the
 * `_SUCCESS` of a job of theirs).
 */
async function deleteStrays(
  destination: Destination,
  { uploadsMax, signal, checkpoint }: FolderDelivery,
  { found, ours }: { found: FolderObject[]; ours: ReadonlySet<string> },
): Promise<void> {
  async function* strays() {
    for (const { key } of found) if (isDataFile(key) && !ours.has(key)) yield key
  }
  await workThrough({
    items: strays(),
    atOnceMax: uploadsMax,
    signal,
    work: (key, whileNoneFailed) => destination.deleteObject(key, whileNoneFailed, checkpoint),
  })
}

/** Whether a reader finds the folder finished, and no data file beside those to keep. */
export function isWhole(found: FolderObject[], folder: string, keep: ReadonlySet<string>): boolean {
  return (
    hasKey(found, `${folder}${markerName}`) && found.every(({ key }) => !isDataFile(key) || keep.has(key))
  )
}

/** What a reader's glob takes for exported events. */
export function isDataFile(key: string): boolean {
  return key.endsWith('.json.gz')
}

function hasKey(objects: FolderObject[], key: string): boolean {
  return objects.some((object) => object.key === key)
}

function filesClash(key: string): PenstockError {
  return new PenstockError(
    'invariant',
    'EXPORT_FILES_CLASH',
    `export: two files of one folder are named ${key}; one would replace the other. This is a defect of Penstock: report it.`,
  )
}
