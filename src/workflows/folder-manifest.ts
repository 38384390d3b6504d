/** What a finished folder consists of, for whoever wants to check it: answered by `GET manifest`, and written into the bucket. */
import type { FolderContents } from '../control/folders/folder-contents.ts'
import { type FolderWindow, folderKey, manifestKey } from '../data/plan/folder-key.ts'
import type { ProjectId } from '../ids.ts'

export interface ManifestSubject {
  pipeline: string
  projectId: ProjectId
  timeZone: string
  prefix: string | null
  window: FolderWindow
}

export interface FolderManifest {
  pipeline: string
  project_id: number
  /** Key prefix of the folder; the names of its files follow it. */
  folder: string
  date: string
  /** Of an hourly pipeline's folder. */
  hour?: string
  timezone: string
  /** The files hold every event of the folder that commits up to this one brought. */
  commit_seen: number
  /** Lines that are not in the files because a newer line of the same event is. */
  duplicates_removed: number
  /** Since when the profiles of users were read that decided which events are in it. */
  profiles_read_at?: string
  events: number
  bytes: number
  /** When its first and last events are; without events there is neither. */
  first_time?: string
  last_time?: string
  files: ManifestFile[]
}

interface ManifestFile {
  name: string
  events: number
  bytes: number
  /** Of the file's bytes, 8 hexadecimal digits. */
  crc32: string
  first_time: string
  last_time: string
}

/** Pure: the same contents give the same manifest, whoever asks and whenever. */
export function folderManifest(subject: ManifestSubject, contents: FolderContents): FolderManifest {
  const { pipeline, projectId, timeZone, prefix, window } = subject
  const [date = '', time = ''] = new Date(window.localHour * 3_600_000).toISOString().split('T')
  const files = [...contents.files].sort((left, right) => left.ordinal - right.ordinal)
  return {
    pipeline,
    project_id: projectId,
    folder: folderKey(prefix, projectId, window),
    date,
    ...(window.hours === 1 ? { hour: time.slice(0, 2) } : {}),
    timezone: timeZone,
    commit_seen: contents.seenCommit,
    duplicates_removed: contents.duplicates,
    ...(contents.profilesReadAtMs === null ? {} : { profiles_read_at: utcText(contents.profilesReadAtMs) }),
    events: files.reduce((sum, { events }) => sum + events, 0),
    bytes: files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
    ...(files.length === 0
      ? {}
      : {
          first_time: utcText(Math.min(...files.map(({ minTimeMs }) => minTimeMs))),
          last_time: utcText(Math.max(...files.map(({ maxTimeMs }) => maxTimeMs))),
        }),
    files: files.map(({ name, events, lengthBytes, crc32, minTimeMs, maxTimeMs }) => ({
      name,
      events,
      bytes: lengthBytes,
      crc32: crc32.toString(16).padStart(8, '0'),
      first_time: utcText(minTimeMs),
      last_time: utcText(maxTimeMs),
    })),
  }
}

/** The manifest as an object of the bucket. */
export function manifestObject(
  subject: ManifestSubject,
  contents: FolderContents,
): { key: string; content: Buffer } {
  return {
    key: manifestKey(subject.prefix, subject.projectId, subject.window),
    content: Buffer.from(`${JSON.stringify(folderManifest(subject, contents), null, 2)}\n`),
  }
}

function utcText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
