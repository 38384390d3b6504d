import { transition } from './run-state.ts'

/**
 * What is set in a run that is over and waits again as if it had never been worked. Its snapshot and selection are
 * forgotten: what came in since belongs into the folder too, and what was edited counts.
 */
export function waitingAnew(event: 'requeue' | 'repair', nowMs: number) {
  return {
    state: transition(event).to,
    not_before: new Date(nowMs),
    failures: 0,
    snapshot_commit: null,
    contents: null,
    finished_at: null,
    error_code: null,
    error_message: null,
  }
}
