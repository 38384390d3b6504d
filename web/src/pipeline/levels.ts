import type { FolderCell } from '../api/answers.ts'

export type Measure = 'events' | 'bytes'

const levels = 4

/**
 * How strongly a delivered folder is coloured, 0 (nothing) to 4 (as much as any beside it). By the square root, so that one
 * huge day doesn't make all others look alike. Pure.
 */
export function levelOf(value: number, max: number): number {
  if (value <= 0) return 0
  return Math.min(levels, Math.ceil(levels * Math.sqrt(value / Math.max(1, max))))
}

export function greatest(cells: FolderCell[], measure: Measure): number {
  return cells.reduce((most, cell) => Math.max(most, cell[measure]), 0)
}
