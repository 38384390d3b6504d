/** Turns what went wrong while events were taken in into a status and a sentence for the client. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PenstockError } from '../../errors/penstock-error.ts'
import { tellRequestId } from '../request-ids.ts'
import { RetryLater } from './retry-later.ts'

export interface IngestFailure {
  status: number
  error: string
  retryAfterSeconds?: number
}

const statuses: Readonly<Record<string, number>> = {
  INGEST_CREDENTIALS_INVALID: 401,
  INGEST_PARAMETER_INVALID: 400,
  INGEST_BODY_INVALID: 400,
  INGEST_BODY_TIMEOUT: 408,
  INGEST_TOO_LARGE: 413,
  INGEST_FORMAT_UNSUPPORTED: 415,
  INGEST_RATE_EXCEEDED: 429,
  INGEST_QUOTA_EXCEEDED: 429,
  INGEST_OVERLOADED: 503,
}

/** How long a client waits when the store is in trouble: long enough not to add to it. */
const storeRetrySeconds = 5
const storeTrouble =
  'the events cannot be stored just now; none of this request is acknowledged: send it again, the same events are kept once'
const unexpected =
  'something went wrong here, not in the request: send it again, or ask the operator to read the log'

function describeFailure(error: unknown): IngestFailure {
  if (error instanceof PenstockError) return describePenstockError(error)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return { status, error: (error as Error).message }
  return { status: 500, error: unexpected }
}

function describePenstockError(error: PenstockError): IngestFailure {
  const status = statuses[error.code]
  if (error instanceof RetryLater) {
    return { status: status ?? 503, error: error.message, retryAfterSeconds: error.retryAfterSeconds }
  }
  if (status !== undefined) return { status, error: error.message }
  if (error.retryable) return { status: 503, error: storeTrouble, retryAfterSeconds: storeRetrySeconds }
  return { status: 500, error: unexpected }
}

/** Sends the failure in the form that `body` gives it. What is the server's own fault is logged in full. */
export function sendFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  body: (failure: IngestFailure) => unknown,
): FastifyReply {
  const failure = describeFailure(error)
  if (failure.status >= 500 && !(error instanceof RetryLater)) {
    request.log.error({ err: error }, 'events were not taken in')
  }
  tellRequestId(request, reply)
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', failure.retryAfterSeconds)
  // The rest of a body that came too slowly would only hold the connection.
  if (failure.status === 408) reply.header('connection', 'close')
  return reply
    .code(failure.status)
    .type('application/json')
    .send(JSON.stringify(body(failure)))
}
