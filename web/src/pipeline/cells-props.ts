import type { FolderCell } from '../api/answers.ts'
import type { Measure } from './levels.ts'

/** Of either form of the calendar. */
export interface CellsProps {
  cells: FolderCell[]
  measure: Measure
  max: number
  /** The folder that is open beside the calendar. */
  open: string | undefined
  /** The folder that the tab key reaches; arrows lead to the others. */
  reachable: string | undefined
}
