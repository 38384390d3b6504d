import { PenstockError } from '../../errors/penstock-error.ts'

/** A request that can't be answered as it is, with the HTTP status that says so. */
export class RequestError extends PenstockError {
  readonly status: number
  /** Of what passes by itself: when to come back. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super('caller', code, message, { retryable: retryAfterSeconds !== undefined })
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export function badRequest(message: string): RequestError {
  return new RequestError(400, 'PIPELINE_PARAMETER_REFUSED', message)
}
