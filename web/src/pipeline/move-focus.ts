import { addDays, monthStart } from '../words/times.ts'
import { type FolderPlace, folderId } from './folder-id.ts'

/**
 * The folder that a key leads to: across days and weeks, or across hours and days; PageUp and PageDown lead to another
 * month. Undefined where the key means nothing here. Pure.
 */
export function movedBy(key: string, { date, hour }: FolderPlace): string | undefined {
  if (key === 'PageUp' || key === 'PageDown') {
    const other = monthStart(date, key === 'PageUp' ? -1 : 1)
    return folderId({ date: other, hour })
  }
  const step = steps[key]
  if (step === undefined) return undefined
  const [across, down] = step
  if (hour === undefined) return addDays(date, across + 7 * down)
  const moved = Number(hour) + across
  const days = Math.floor(moved / 24) + down
  return folderId({ date: addDays(date, days), hour: String((moved + 24) % 24).padStart(2, '0') })
}

const steps: Record<string, [across: number, down: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
