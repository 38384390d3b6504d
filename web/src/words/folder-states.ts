import type { FolderState } from '../api/answers.ts'

/** What each state of a folder is called, and the sign that tells it without colour. */
export const folderStates: Record<FolderState, { word: string; sign: string }> = {
  delivered: { word: 'delivered', sign: '✓' },
  late_pending: { word: 'late data pending', sign: '+' },
  running: { word: 'running', sign: '▸' },
  pending: { word: 'waiting', sign: '·' },
  failed: { word: 'failed', sign: '×' },
  not_due: { word: 'not due', sign: '' },
}
