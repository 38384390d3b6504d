/** From what is known of a pipeline's folders to the cells of its calendar. Pure. */
import type { CellSize, FolderSummary } from '../../control/folders/summarize-folders.ts'
import { folderTimes } from '../../control/pipelines/folder-times.ts'
import type { LocalHour } from '../../ids.ts'
import { type FolderCell, type FolderState, folderStates } from '../contract/folder-calendar.ts'
import { dateOf } from './named-folder.ts'
import { zonedText } from './zone-text.ts'

export interface CalendarRange {
  timeZone: string
  nowMs: number
  hours: 1 | 24
  fromHour: LocalHour
  /** Exclusive. */
  toHour: LocalHour
  size: CellSize
  /** The first folder that is not planned yet; null: all are. */
  nextLocalHour: LocalHour | null
}

/** Folders of one cell in one state, whether they were planned or not. */
type Part = Omit<FolderSummary, 'state' | 'error'> & {
  state: FolderState
  error: FolderSummary['error']
  dueAtMs?: number
}

export interface Calendar {
  cells: FolderCell[]
  folders: Partial<Record<FolderState, number>>
  /** The first hour of the first folder that is not due; undefined: all are. */
  notDueFrom: LocalHour | undefined
}

/** @param planned in order */
export function makeCalendar(planned: readonly FolderSummary[], range: CalendarRange): Calendar {
  const ahead = unplanned(range)
  const parts = [...planned, ...ahead]
  const cells = Map.groupBy(parts, ({ cellHour }) => cellHour)
  return {
    cells: [...cells.values()].map((ofCell) => makeCell(ofCell, range)),
    folders: countStates(parts),
    notDueFrom: ahead.find(({ state }) => state === 'not_due')?.firstHour,
  }
}

type Unplanned = Part & { firstHour: LocalHour }

/** From the cursor on. What is due and not planned yet waits: for the scheduler, or for the pipeline to be resumed. */
function unplanned({ timeZone, nowMs, hours, fromHour, toHour, size, nextLocalHour }: CalendarRange) {
  const parts: Unplanned[] = []
  if (nextLocalHour === null) return parts
  for (let hour: number = Math.max(nextLocalHour, fromHour); hour < toHour; hour += hours) {
    const localHour = hour as LocalHour
    const times = folderTimes(timeZone, localHour, hours)
    // The zone's clock skipped it.
    if (times === undefined) continue
    const state = times.dueAtMs <= nowMs ? 'pending' : 'not_due'
    const cellHour = cellOf(localHour, size)
    const last = parts.at(-1)
    if (last?.cellHour === cellHour && last.state === state) last.folders += 1
    else parts.push({ ...nothing, cellHour, firstHour: localHour, state, folders: 1, dueAtMs: times.dueAtMs })
  }
  return parts
}

const nothing = {
  ...{ events: 0, bytes: 0, files: 0, duplicates: 0 },
  ...{ exportedAtMs: null, syncedAtMs: null, error: null },
}

function cellOf(hour: LocalHour, size: CellSize): LocalHour {
  if (size === 'folder') return hour
  const day = new Date(Math.floor(hour / 24) * 86_400_000)
  if (size === 'month') day.setUTCDate(1)
  return (day.getTime() / 3_600_000) as LocalHour
}

function makeCell(
  parts: readonly (Part | Unplanned)[],
  { timeZone, hours, size }: CalendarRange,
): FolderCell {
  const [first] = parts as [Part]
  const sum = (name: 'events' | 'bytes' | 'files' | 'duplicates') =>
    parts.reduce((total, part) => total + part[name], 0)
  const latest = (name: 'exportedAtMs' | 'syncedAtMs') => Math.max(...parts.map((part) => part[name] ?? 0))
  const state = folderStates.find((each) => parts.some((part) => part.state === each)) ?? 'not_due'
  const exportedAtMs = latest('exportedAtMs')
  const syncedAtMs = latest('syncedAtMs')
  return {
    ...cellDate(first.cellHour, hours, size),
    state,
    ...(size === 'folder' ? {} : { folders: countStates(parts) }),
    ...{ events: sum('events'), bytes: sum('bytes'), files: sum('files'), duplicates: sum('duplicates') },
    ...(exportedAtMs === 0 ? {} : { exported_at: zonedText(timeZone, exportedAtMs) }),
    ...(syncedAtMs === 0 ? {} : { synced_at: zonedText(timeZone, syncedAtMs) }),
    ...(size === 'folder' && state === 'not_due' && first.dueAtMs !== undefined
      ? { due_at: zonedText(timeZone, first.dueAtMs) }
      : {}),
    ...(size === 'folder' && first.error !== null ? { error: first.error } : {}),
  }
}

function cellDate(cellHour: LocalHour, hours: 1 | 24, size: CellSize): { date: string; hour?: string } {
  if (size === 'folder') return dateOf({ localHour: cellHour, hours })
  const { date } = dateOf({ localHour: cellHour, hours: 24 })
  return { date: size === 'month' ? date.slice(0, 7) : date }
}

function countStates(parts: readonly Part[]): Partial<Record<FolderState, number>> {
  const counts: Partial<Record<FolderState, number>> = {}
  for (const { state, folders } of parts) counts[state] = (counts[state] ?? 0) + folders
  return counts
}
