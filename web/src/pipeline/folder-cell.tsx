import { memo } from 'react'
import type { FolderCell as Cell } from '../api/answers.ts'
import { cellFigure, cellLabel } from './cell-text.ts'
import { folderId } from './folder-id.ts'
import { levelOf, type Measure } from './levels.ts'

interface Props {
  cell: Cell
  measure: Measure
  /** The most that a cell beside it holds. */
  max: number
  open: boolean
  /** The one cell of the calendar that the tab key reaches. */
  reachable: boolean
}

/** One folder of the calendar: its state by colour, pattern and sign, its amount by how strong the colour is. */
export const FolderCell = memo(function FolderCell({ cell, measure, max, open, reachable }: Props) {
  const delivered = cell.state === 'delivered' || cell.state === 'late_pending'
  const level = delivered ? ` level-${levelOf(cell[measure], max)}` : ''
  const label = cellLabel(cell, Date.now())
  return (
    <button
      type="button"
      className={`cell ${cell.state}${level}`}
      data-folder={folderId(cell)}
      aria-pressed={open}
      title={label}
      tabIndex={reachable ? 0 : -1}
    >
      {cell.hour === undefined && (
        <span className="day" aria-hidden="true">
          {Number(cell.date.slice(8))}
        </span>
      )}
      <span className="figure" aria-hidden="true">
        {cellFigure(cell, measure)}
      </span>
      <span className="visually-hidden">{label}</span>
    </button>
  )
})
