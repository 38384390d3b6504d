/** Work that many ask for at once, done a little at a time: whoever asks for much waits behind himself, not before others. */

export interface Turns<Owner> {
  /** Resolves when it is this owner's turn, to the call that ends it. Rejects with the signal's reason. */
  take(owner: Owner, signal: AbortSignal): Promise<() => void>
}

interface Waiting<Owner> {
  owner: Owner
  begin(): void
}

/** Lets `atOnceMax` owners work at once, one turn each; of those who wait, whoever came first goes first. */
export function createTurns<Owner>(atOnceMax: number): Turns<Owner> {
  const working = new Set<Owner>()
  let waiting: Waiting<Owner>[] = []

  const beginNext = (): void => {
    while (working.size < atOnceMax) {
      const next = waiting.find(({ owner }) => !working.has(owner))
      if (next === undefined) return
      waiting = waiting.filter((other) => other !== next)
      working.add(next.owner)
      next.begin()
    }
  }

  return {
    take: (owner, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const giveUp = (): void => {
        waiting = waiting.filter((other) => other !== asked)
        reject(signal.reason)
      }
      const end = (): void => {
        working.delete(owner)
        beginNext()
      }
      const asked: Waiting<Owner> = {
        owner,
        begin: () => {
          signal.removeEventListener('abort', giveUp)
          resolve(end)
        },
      }
      if (signal.aborted) return Promise.reject(signal.reason)
      signal.addEventListener('abort', giveUp, { once: true })
      waiting.push(asked)
      beginNext()
      return promise
    },
  }
}
