/** Where the time comes from: the system in production, the test in a test. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now() }
