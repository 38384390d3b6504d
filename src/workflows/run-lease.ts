/**
 * A worker's hold on a run. It is renewed in the background; whoever can't renew it in time stops by itself, before
 * another worker may take the run over.
 *
 *   held ──renewed──▶ held
 *   held ──paused or canceled──▶ over (stop)     held ──taken by another, or not renewed in time──▶ over (lost)
 *   held ──the process shuts down──▶ over (shutdown)     held ──too long at it──▶ over (timeout)
 */
import { elapsedMs } from '../elapsed.ts'
import { PenstockError } from '../errors/penstock-error.ts'

export type LeaseEnd = 'stop' | 'lost' | 'shutdown' | 'timeout'

/** Why a run was broken off; carried by the signal as its reason. */
export class LeaseOver extends PenstockError {
  readonly end: LeaseEnd

  constructor(end: LeaseEnd) {
    super('outside', 'RUN_LEASE_OVER', `the worker gave the run up: ${end}`, { retryable: true })
    this.end = end
  }
}

export interface RunLease {
  /** Aborted when the run must stop; its reason is a LeaseOver. */
  signal: AbortSignal
  /** Throws when the lease is over or its time has run out: called before each thing that leaves the process. */
  checkpoint(): void
  release(): void
}

export interface RunLeaseOptions {
  /** When the claim was asked for, by `elapsedMs`. */
  claimedAtMs: number
  leaseMs: number
  timeoutMs: number
  /** With each renewal whoever watches learns how far the run is: at least so often. */
  tellMs?: number
  shutdown: AbortSignal
  renew(): Promise<'held' | 'stop' | 'lost'>
}

/** The holder lets go this much before its lease ends for others: clocks don't run at quite the same speed. */
const marginShare = 0.1

export function keepRunLease(options: RunLeaseOptions): RunLease {
  const controller = new AbortController()
  const end = (why: LeaseEnd): void => controller.abort(new LeaseOver(why))
  const holdMs = options.leaseMs * (1 - marginShare)
  // Counted from before the database was asked, and monotonic: a wall clock that is set back must not lengthen a lease.
  let heldUntilMs = options.claimedAtMs + holdMs
  const endIfOver = (): void => {
    if (elapsedMs() >= heldUntilMs) end('lost')
  }
  // What waits for an answer meets no checkpoint, and a database that is away may leave a renewal without one.
  let expiry: NodeJS.Timeout
  let isReleased = false
  const watch = (): void => {
    clearTimeout(expiry)
    endIfOver()
    // A timer may come a little early.
    if (!controller.signal.aborted && !isReleased)
      expiry = setTimeout(watch, Math.max(1, heldUntilMs - elapsedMs()))
  }
  watch()

  const renew = async (): Promise<void> => {
    const askedMs = elapsedMs()
    try {
      const answer = await options.renew()
      if (answer !== 'held') return end(answer)
      // An answer that came too late keeps nothing: another may have the run.
      endIfOver()
      heldUntilMs = Math.max(heldUntilMs, askedMs + holdMs)
      watch()
    } catch {
      // The database may be away for a moment: the lease itself says how long that may last.
      endIfOver()
    }
  }
  const renewal = setInterval(
    renew,
    Math.min(options.leaseMs / 3, options.tellMs ?? Number.POSITIVE_INFINITY),
  )
  const timeout = setTimeout(() => end('timeout'), options.timeoutMs)
  const onShutdown = (): void => end('shutdown')
  options.shutdown.addEventListener('abort', onShutdown, { once: true })
  if (options.shutdown.aborted) onShutdown()

  return {
    signal: controller.signal,
    checkpoint: () => {
      endIfOver()
      controller.signal.throwIfAborted()
    },
    release: () => {
      isReleased = true
      clearInterval(renewal)
      clearTimeout(expiry)
      clearTimeout(timeout)
      options.shutdown.removeEventListener('abort', onShutdown)
    },
  }
}
