import type { PipelineProgress } from '../../control/runs/read-progress.ts'
import type { ProgressEntry } from '../contract/pipeline-answers.ts'
import { zonedText } from './zone-text.ts'

export interface ProgressMoment {
  timeZone: string
  nowMs: number
  /** A paused pipeline has no end in sight. */
  isActive: boolean
}

/**
 * How far a pipeline is, as `jobs` shows it. What is to do is estimated from the folders that are done, and the end from the
 * rate of the last minutes; without such folders neither is told.
 */
export function progressEntry(
  { foldersDone, foldersToDo, foldersFailed, eventsDone, bytesDone, recent }: PipelineProgress,
  { timeZone, nowMs, isActive }: ProgressMoment,
): ProgressEntry {
  const done = {
    folders_done: foldersDone,
    folders_to_do: foldersToDo,
    folders_failed: foldersFailed,
    events_done: eventsDone,
    bytes_done: bytesDone,
  }
  if (foldersDone === 0) return done
  const ahead = foldersToDo / foldersDone
  const toDo = {
    events_to_do: Math.round(eventsDone * ahead),
    bytes_to_do: Math.round(bytesDone * ahead),
  }
  if (recent === null) return { ...done, ...toDo }
  const seconds = Math.max((nowMs - recent.sinceMs) / 1000, 1)
  const rate = {
    events_per_second: Math.round(recent.events / seconds),
    bytes_per_second: Math.round(recent.bytes / seconds),
  }
  if (foldersToDo === 0 || !isActive) return { ...done, ...toDo, ...rate }
  const endMs = nowMs + (foldersToDo / recent.folders) * seconds * 1000
  return { ...done, ...toDo, ...rate, estimated_end: zonedText(timeZone, endMs) }
}
