import type { Readable } from 'node:stream'

/** What a request is answered with, before it is written to the wire. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
}

interface AwsErrorDetails {
  /** More elements of the XML error, such as `Region` or `BucketName`. */
  readonly fields?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** An error as AWS answers it: the service's own code, message and status. */
export class AwsError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, details: AwsErrorDetails = {}) {
    super(message)
    this.name = 'AwsError'
    this.status = status
    this.code = code
    this.fields = details.fields ?? {}
    this.headers = details.headers ?? {}
  }
}

/** The connection is to be cut with no (further) answer: a fault that was asked for, or a client that left. */
export class ConnectionCut extends Error {
  /** By a reset, which the other side sees as an error, and not by an end. */
  readonly isReset: boolean

  constructor(reason: string, options: { isReset?: boolean } = {}) {
    super(`connection cut: ${reason}`)
    this.name = 'ConnectionCut'
    this.isReset = options.isReset ?? false
  }
}
