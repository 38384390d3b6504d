import type { Logger } from 'pino'

export interface Looking {
  /** One look now, after the one that may be under way. Throws what went wrong; the looks at an interval log it and go on. */
  tick(): Promise<void>
  /** Since a look last succeeded, or since the first one began. */
  silentMs(): number
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
  let succeededAtMs = performance.now()
  const lookOnce = async (): Promise<void> => {
    await look(stopping.signal)
    succeededAtMs = performance.now()
  }
  const begin = (): void => {
    looking ??= lookOnce()
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
      await lookOnce()
    },
    silentMs: () => performance.now() - succeededAtMs,
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await looking
    },
  }
}
