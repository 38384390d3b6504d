import { setTimeout as sleep } from 'node:timers/promises'

/** Sleeps; ends early, with the signal's reason, when it is aborted. Tests give one that does not wait. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

export const waitRealTime: Wait = async (ms, signal) => {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
