import { PenstockError } from '../../errors/penstock-error.ts'

/** The error of an attempt that failed, or what it gave. */
type Attempted<Value> = { value: Value; error?: never } | { error: PenstockError }
export type Attempt = <Value>(ask: () => Promise<Value>) => Promise<Attempted<Value>>

/** Gives failures of the other side, and the end of the time, as a result; a defect of this program is thrown. */
export function attemptWithin(signal: AbortSignal): Attempt {
  return async (ask) => {
    try {
      return { value: await ask() }
    } catch (error) {
      if (signal.aborted) return { error: timedOut() }
      if (error instanceof PenstockError) return { error }
      throw error
    }
  }
}

export function withinTime(msMax: number, stopping: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(msMax)
  return stopping === undefined ? timeout : AbortSignal.any([timeout, stopping])
}

function timedOut(): PenstockError {
  return new PenstockError(
    'outside',
    'CONNECTION_TEST_TIMED_OUT',
    'the connection test took longer than a minute, its repeated requests included. Try it again; if it stays, check the network to AWS.',
    { retryable: true },
  )
}
