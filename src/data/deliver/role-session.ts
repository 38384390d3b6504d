/**
 * One role's credentials, renewed before they end.
 *
 * States: none -> asking -> held -> (held and asking) -> held … From the first to the second `asking` callers wait; in
 * the last quarter of a session's life the next one is asked for while the old one still serves.
 */
import type { Clock } from '../../clock.ts'

export interface SessionCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  /** By this host's clock, however wrong that is. */
  askedAtMs: number
  endsAtMs: number
}

export interface RoleSession {
  /** Credentials that still hold. One request to STS at a time, however many ask. */
  credentials(signal: AbortSignal): Promise<SessionCredentials>
  /** Forgets credentials that the other side no longer takes; does nothing where others have replaced them already. */
  discard(credentials: SessionCredentials): void
}

export interface RoleSessionOptions {
  clock: Clock
  assume(): Promise<SessionCredentials>
  onRenewalFailed(error: unknown): void
}

const renewAheadMaxMs = 5 * 60_000

export function createRoleSession({ clock, assume, onRenewalFailed }: RoleSessionOptions): RoleSession {
  let held: SessionCredentials | undefined
  let asking: Promise<SessionCredentials> | undefined

  const ask = (): Promise<SessionCredentials> => {
    asking ??= assume()
      .then((credentials) => {
        held = credentials
        return credentials
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  return {
    async credentials(signal) {
      const nowMs = clock.nowMs()
      if (held !== undefined && nowMs < renewAtMs(held)) return held
      if (held === undefined || nowMs >= held.endsAtMs) return untilAborted(ask(), signal)
      const stillGood = held
      // Nobody waits for this one, so its failure is nobody's: the session that is held goes on until its end.
      if (asking === undefined) ask().catch(onRenewalFailed)
      return stillGood
    },
    discard(credentials) {
      if (held === credentials) held = undefined
    },
  }
}

/** Five minutes before the end, or at three quarters of a session shorter than twenty minutes. */
export function renewAtMs({ askedAtMs, endsAtMs }: SessionCredentials): number {
  return endsAtMs - Math.min(renewAheadMaxMs, (endsAtMs - askedAtMs) / 4)
}

/** The request goes on for the others who wait for it; this one waits no longer. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
