import { transition } from './run-state.ts'

/**
 * What is set in a run that is over and waits again as if it had never been worked. Its snapshot is forgotten: what came in
 * since belongs into the folder too.
 */
export function waitingAnew(event: 'requeue' | 'repair', nowMs: number) {
  return {
    state: transition(event).to,
    not_before: new Date(nowMs),
    failures: 0,
    snapshot_commit: null,
    finished_at: null,
    error_code: null,
    error_message: null,
  }
}
