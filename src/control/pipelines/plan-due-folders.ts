import type { LocalHour } from '../../ids.ts'
import { addDays, firstHourOf } from './calendar-date.ts'
import { folderTimes } from './folder-times.ts'
import type { Frequency } from './pipeline.ts'

export interface DuePlanInput {
  frequency: Frequency
  /** Null: it goes on for ever. */
  toDate: string | null
  /** The cursor: the first hour of the next folder. */
  nextLocalHour: LocalHour
  timeZone: string
  nowMs: number
  /** Bound of one plan; the next goes on from its cursor. */
  foldersMax: number
}

export interface DueFolder {
  localHour: LocalHour
  hours: 1 | 24
  dueAtMs: number
}

export interface DuePlan {
  /** Due by now, the oldest first. */
  folders: DueFolder[]
  /** The cursor after them and when its folder is due; null after the last. */
  next: { localHour: LocalHour; dueAtMs: number } | null
}

/**
 * Which folders of a pipeline are due, from its cursor on. Folders that a zone's wall clock skipped are left out, one
 * shown twice comes once. Pure: a later call with the new cursor goes on exactly where this one stopped.
 */
export function planDueFolders(input: DuePlanInput): DuePlan {
  const hours = hoursOf(input.frequency)
  const endHour = input.toDate === null ? Number.POSITIVE_INFINITY : firstHourOf(addDays(input.toDate, 1))
  const folders: DueFolder[] = []
  for (let hour: number = input.nextLocalHour; hour < endHour; hour += hours) {
    const localHour = hour as LocalHour
    const times = folderTimes(input.timeZone, localHour, hours)
    if (times === undefined) continue
    if (times.dueAtMs > input.nowMs || folders.length >= input.foldersMax) {
      return { folders, next: { localHour, dueAtMs: times.dueAtMs } }
    }
    folders.push({ localHour, hours, dueAtMs: times.dueAtMs })
  }
  return { folders, next: null }
}

function hoursOf(frequency: Frequency): 1 | 24 {
  return frequency === 'daily' ? 24 : 1
}
