import type { Logger } from 'pino'

export interface Looking {
  /** One look now, after the one that may be under way. Throws what went wrong; the looks at an interval log it and go on. */
  tick(): Promise<void>
  /** Looks no more, and waits for the look that is under way. */
  stop(): Promise<void>
}

/** Looks now, and then at an interval. A look that takes longer than that is not joined by another. */
export function lookAtInterval(
  intervalMs: number,
  log: Pick<Logger, 'error'>,
  look: (stopping: AbortSignal) => Promise<void>,
): Looking {
  const stopping = new AbortController()
  let looking: Promise<void> | undefined
  const begin = (): void => {
    looking ??= look(stopping.signal)
      .catch((error) => log.error({ err: error }, 'a look at what is due failed; it is tried again'))
      .finally(() => {
        looking = undefined
      })
  }
  const timer = setInterval(begin, intervalMs)
  begin()
  return {
    tick: async () => {
      await looking
      await look(stopping.signal)
    },
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await looking
    },
  }
}
