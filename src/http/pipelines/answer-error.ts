import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  type ZodFastifySchemaValidationError,
} from 'fastify-type-provider-zod'
import { isDatabaseAway } from '../../control/db/database-away.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import { ConnectionRefused } from '../../workflows/connection-test/connection-refused.ts'
import { connectionDocument } from '../contract/connection-test.ts'
import { consoleHeader } from '../contract/console-session.ts'
import { tellRequestId } from '../request-ids.ts'
import { RequestError } from './request-error.ts'

export const bodyBytesMax = 64 * 1024

const statusByCode: Record<string, number> = {
  PIPELINE_PARAMETER_REFUSED: 400,
  PROJECT_NAME_INVALID: 400,
  PROJECT_TIME_ZONE_INVALID: 400,
  SETUP_TOKEN_UNKNOWN: 401,
  EVENTS_PAST_RETENTION: 400,
  PRINCIPAL_IN_OTHER_PARTITION: 400,
  PIPELINE_PROJECT_GONE: 403,
  PIPELINE_UNKNOWN: 404,
  PIPELINE_LIMIT_REACHED: 409,
  PIPELINE_TRIAL_FIXED: 409,
  PIPELINE_FOLDERS_TAKEN: 409,
  PIPELINE_ROLE_TAKEN: 409,
  SETUP_DONE: 409,
  CONNECTION_TESTS_BUSY: 429,
  VERIFICATIONS_BUSY: 429,
  OWN_PRINCIPAL_UNKNOWN: 503,
}

/** What Fastify itself refuses, in this API's words. */
const fastifyMessages: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: `the body must be at most ${bodyBytesMax} bytes`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    'the content type must be application/x-www-form-urlencoded or application/json',
}

/** Answers whatever went wrong: `{"error": "<one sentence>", "status": "error"}` with the right code. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message, retryAfterSeconds } = describe(error)
  if (status >= 500) request.log.error({ err: error }, 'a request failed')
  tellRequestId(request, reply)
  if (status === 401 && !isConsole(request))
    reply.header('www-authenticate', 'Basic realm="penstock", charset="UTF-8"')
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  const tested = error instanceof ConnectionRefused ? { connection_test: connectionDocument(error.test) } : {}
  return reply.code(status).send({ error: message, status: 'error', ...tested })
}

/** To a page a browser must not show a dialogue of its own in place of the answer. */
function isConsole({ headers }: FastifyRequest): boolean {
  return headers[consoleHeader] !== undefined || headers['sec-fetch-site'] === 'same-origin'
}

/** What a client is told of it. */
export function messageFor(error: unknown): string {
  return describe(error as FastifyError).message
}

interface Answer {
  status: number
  message: string
  retryAfterSeconds?: number | undefined
}

const awaySeconds = 5

function describe(error: FastifyError): Answer {
  const { status, message, retryAfterSeconds } = statusOf(error)
  return {
    status,
    message,
    retryAfterSeconds: retryAfterSeconds ?? (status === 503 || status === 429 ? awaySeconds : undefined),
  }
}

function statusOf(error: FastifyError): Answer {
  if (error instanceof ConnectionRefused) {
    return { status: error.retryable ? 503 : 422, message: error.message }
  }
  if (error instanceof RequestError) return error
  if (error instanceof PenstockError && statusByCode[error.code] !== undefined) {
    return { status: statusByCode[error.code] ?? 500, message: error.message }
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    return { status: 400, message: mostTelling(error.validation)?.message ?? 'a parameter is not allowed' }
  }
  if (error.code === 'DATABASE_UNREACHABLE' || isDatabaseAway(error)) {
    return { status: 503, message: 'the database is away for the moment; try again' }
  }
  const status = error.statusCode ?? 500
  if (status < 500) return { status, message: fastifyMessages[error.code] ?? error.message }
  return { status: 500, message: 'an unexpected error; the server has logged it' }
}

/** Of several problems the one that explains the others: another type of pipeline, then a misspelt name. */
function mostTelling(
  problems: readonly ZodFastifySchemaValidationError[],
): ZodFastifySchemaValidationError | undefined {
  return (
    problems.find(
      (problem) => problem.instancePath === '/type' && !problem.message?.includes('is missing'),
    ) ??
    problems.find((problem) => problem.keyword === 'unrecognized_keys') ??
    problems[0]
  )
}
