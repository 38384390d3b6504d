import type { LocalHour, ProjectId } from '../../ids.ts'
import type { HourWindow } from '../store/member-index.ts'

/** The hours of local time that one folder holds: a day's 24 or a single one. */
export interface FolderWindow {
  localHour: LocalHour
  hours: 1 | 24
}

/**
 * Key prefix of a folder, ending in `/`: `<prefix>/<project id>/<YYYY>/<MM>/<DD>/<HH or full_day>/`.
 * @param prefix the pipeline's own, without slashes at its ends; null for none
 */
export function folderKey(prefix: string | null, projectId: ProjectId, window: FolderWindow): string {
  return `${projectPrefix(prefix, projectId)}${folderPath(window)}/`
}

/**
 * Where a folder's manifest stands in the bucket, apart from the data so that no reader's glob meets it:
 * `<prefix>/<project id>/_manifests/<YYYY>/<MM>/<DD>/<HH or full_day>.json`.
 */
export function manifestKey(prefix: string | null, projectId: ProjectId, window: FolderWindow): string {
  return `${projectPrefix(prefix, projectId)}_manifests/${folderPath(window)}.json`
}

function folderPath({ localHour, hours }: FolderWindow): string {
  // Local hours count wall-clock time, so reading them as UTC gives the wall clock's date and hour.
  const [date = '', time = ''] = new Date(localHour * 3_600_000).toISOString().split('T')
  return [...date.split('-'), hours === 24 ? 'full_day' : time.slice(0, 2)].join('/')
}

/** What the keys of all folders of a project begin with, ending in `/`. */
export function projectPrefix(prefix: string | null, projectId: ProjectId): string {
  return prefix === null || prefix === '' ? `${projectId}/` : `${prefix}/${projectId}/`
}

/** The same hours as the store is asked for them. */
export function hoursOf(projectId: ProjectId, { localHour, hours }: FolderWindow): HourWindow {
  return { projectId, fromHour: localHour, toHour: (localHour + hours) as LocalHour }
}
