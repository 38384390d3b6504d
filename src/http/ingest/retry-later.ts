import { PenstockError } from '../../errors/penstock-error.ts'

/** A refusal that passes by itself: the client is told when to come back. */
export class RetryLater extends PenstockError {
  readonly retryAfterSeconds: number

  constructor(code: string, message: string, retryAfterSeconds: number) {
    super('outside', code, message, { retryable: true })
    this.retryAfterSeconds = retryAfterSeconds
  }
}
