import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * Structured logs, one JSON line each, on standard error: standard output belongs to a command's result.
 * Secrets never reach a logger; the redaction is the second line of defence, for what a library attaches to an error.
 */
export function createLogger(level: string, stream: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'err.$response',
          'err.$metadata',
          'err.config',
          'err.cause.$response',
          'req.headers.authorization',
          'headers.authorization',
        ],
        remove: true,
      },
    },
    stream,
  )
}
