import './calendar.css'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import type { FolderCell, FoldersAnswer } from '../api/answers.ts'
import { DayMonths } from './day-months.tsx'
import { folderId, folderPlace } from './folder-id.ts'
import { HourDays } from './hour-days.tsx'
import { greatest, type Measure } from './levels.ts'
import { movedBy } from './move-focus.ts'

interface Props {
  answer: FoldersAnswer
  measure: Measure
  open: string | undefined
  onOpen(folder: string): void
  /** A key has led to a folder that is not in these cells. */
  onLeave(folder: string): void
}

/** The folders of a range, each a button. */
export function FolderCalendar({ answer, measure, open, onOpen, onLeave }: Props) {
  const { cells } = answer
  const area = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  const [arriving, setArriving] = useState<string>()
  const wanted = focused ?? open
  const reachable = cells.some((cell) => folderId(cell) === wanted) ? wanted : firstOf(cells)

  // A folder of another month is focused once its month is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it may come with the next cells
  useEffect(() => {
    if (arriving === undefined || !focusFolder(area.current, arriving)) return
    setArriving(undefined)
  }, [arriving, cells])

  const move = (event: KeyboardEvent) => {
    const from = folderOf(event.target)
    const to = from === undefined ? undefined : movedBy(event.key, folderPlace(from))
    if (to === undefined) return
    event.preventDefault()
    if (focusFolder(area.current, to) || !isWithin(to, answer)) return
    setArriving(to)
    onLeave(to)
  }
  const choose = (event: MouseEvent) => {
    const folder = folderOf(event.target)
    if (folder !== undefined) onOpen(folder)
  }
  const shown = { cells, measure, max: greatest(cells, measure), open, reachable }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside are what is pressed; this listens for all
    <div
      ref={area}
      className="calendar"
      onKeyDown={move}
      onClick={choose}
      onFocus={({ target }) => setFocused(folderOf(target))}
    >
      {answer.frequency === 'hourly' ? <HourDays {...shown} /> : <DayMonths {...shown} />}
    </div>
  )
}

function firstOf(cells: FolderCell[]): string | undefined {
  const cell =
    cells.find(({ state }) => state === 'failed') ??
    cells.findLast(({ state }) => state !== 'not_due') ??
    cells[0]
  return cell === undefined ? undefined : folderId(cell)
}

function folderOf(target: EventTarget): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('[data-folder]')?.dataset.folder : undefined
}

function focusFolder(area: HTMLElement | null, folder: string): boolean {
  const cell = area?.querySelector<HTMLElement>(`[data-folder="${folder}"]`)
  cell?.focus()
  return cell !== undefined && cell !== null
}

function isWithin(folder: string, answer: FoldersAnswer): boolean {
  const { date } = folderPlace(folder)
  const month = date.slice(0, 7)
  return (
    month >= answer.pipeline_from_date.slice(0, 7) &&
    (answer.pipeline_to_date === null || month <= answer.pipeline_to_date.slice(0, 7))
  )
}
