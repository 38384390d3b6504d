/** Whose doing a failure is; decides the HTTP status and whether anybody is woken up. */
export type ErrorKind = 'caller' | 'outside' | 'invariant'

export interface ErrorDetails {
  /** May the same thing work if it is tried again, with nothing changed? */
  retryable?: boolean
  cause?: unknown
}

/**
 * Every error that Penstock raises on purpose. `code` is stable and listed in docs/errors.md; the message gives
 * subject, found, expected and next step, and never a secret or an event's content.
 */
export class PenstockError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  readonly retryable: boolean

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'PenstockError'
    this.kind = kind
    this.code = code
    this.retryable = details.retryable ?? false
  }
}
