import type { FolderCell } from '../api/answers.ts'
import { counted, shortCount, size } from '../words/amounts.ts'
import { folderStates } from '../words/folder-states.ts'
import { relative } from '../words/times.ts'
import type { Measure } from './levels.ts'

/** `2024-02-20 07:00, delivered, 81 events, 5.12 kB`: a cell as it is read out. Pure. */
export function cellLabel(cell: FolderCell, nowMs: number): string {
  const name = cell.hour === undefined ? cell.date : `${cell.date} ${cell.hour}:00`
  const parts = [name, folderStates[cell.state].word]
  if (cell.state === 'delivered' || cell.state === 'late_pending') {
    parts.push(counted(cell.events, 'event'), size(cell.bytes))
  }
  if (cell.due_at !== undefined) parts.push(`due ${relative(cell.due_at, nowMs)}`)
  if (cell.error !== undefined) parts.push(cell.error.code)
  return parts.join(', ')
}

/** What stands in a cell below its day. Pure. */
export function cellFigure(cell: FolderCell, measure: Measure): string {
  const { sign } = folderStates[cell.state]
  if (cell.state !== 'delivered' && cell.state !== 'late_pending') return sign
  const figure = measure === 'events' ? shortCount(cell.events) : shortCount(cell.bytes)
  return cell.state === 'late_pending' ? `${figure}${sign}` : figure
}
