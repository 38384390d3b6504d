/** What an export has left in a bucket, folder by folder, as its reader sees it. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { type BucketReader, type ExportedEvent, parseLines } from './bucket-reader.ts'

export interface ExportedFolder {
  files: string[]
  /** Bytes of `complete`, or undefined where it is missing. */
  completeBytes: number | undefined
  /** Names of objects that have no business there. */
  strays: string[]
  /** Of all files, joined byte for byte and read by the system's own zcat. */
  events: ExportedEvent[]
}

/** By the folder's key below `prefix`: `2026/11/20/full_day/`. */
export async function readFolders(
  bucket: BucketReader,
  prefix: string,
): Promise<Map<string, ExportedFolder>> {
  const folders = new Map<string, ExportedFolder>()
  for (const { key, bytes } of await bucket.list(prefix)) {
    const place = key.slice(prefix.length)
    const name = place.slice(place.lastIndexOf('/') + 1)
    const folder = folderAt(folders, place.slice(0, place.length - name.length))
    if (name === 'complete') folder.completeBytes = bytes
    else if (name.endsWith('.json.gz')) folder.files.push(key)
    else folder.strays.push(name)
  }
  for (const folder of folders.values()) folder.events = await readJoined(bucket, folder.files)
  return folders
}

function folderAt(folders: Map<string, ExportedFolder>, path: string): ExportedFolder {
  const found = folders.get(path) ?? { files: [], completeBytes: undefined, strays: [], events: [] }
  folders.set(path, found)
  return found
}

async function readJoined(bucket: BucketReader, keys: string[]): Promise<ExportedEvent[]> {
  if (keys.length === 0) return []
  const files = await Promise.all(keys.map(async (key) => (await bucket.read(key)).bytes))
  return parseLines(await zcat(Buffer.concat(files)))
}

async function zcat(gzip: Buffer): Promise<string> {
  const child = spawn('zcat', { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  )
  child.stdin.end(gzip)
  const [lines, code] = await Promise.all([text(child.stdout), ended])
  if (code !== 0) throw new Error(`zcat ended with ${code}`)
  return lines
}
