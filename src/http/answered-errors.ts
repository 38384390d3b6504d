import type { FastifyError, onErrorHookHandler } from 'fastify'
import { isDatabaseAway } from '../control/db/database-away.ts'

/** A code of Penstock's (docs/errors.md) or of Fastify's: there are so many and no more, whatever clients send. */
const codeForm = /^[A-Z][A-Z0-9_]{2,60}$/

/** A hook that tells of each error that a request is answered with, by its code. */
export function answeredErrors(onRefused: (reason: string) => void): onErrorHookHandler {
  return (_request, _reply, error, done) => {
    onRefused(reasonOf(error))
    done()
  }
}

function reasonOf(error: FastifyError): string {
  if (isDatabaseAway(error)) return 'DATABASE_UNREACHABLE'
  const { code, statusCode = 500 } = error
  if (typeof code === 'string' && codeForm.test(code)) return code
  return statusCode < 500 ? 'REQUEST_INVALID' : 'UNEXPECTED'
}
