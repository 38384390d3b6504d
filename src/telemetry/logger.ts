import { type DestinationStream, type Logger, pino } from 'pino'
import { loggedError } from './logged-error.ts'

/**
 * Structured logs, one JSON line each, on standard error: standard output belongs to a command's result.
 * Secrets never reach a logger; the redaction is the second line of defence.
 */
export function createLogger(level: string, stream: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: loggedError },
      redact: { paths: ['req.headers.authorization', 'headers.authorization'], remove: true },
    },
    stream,
  )
}
