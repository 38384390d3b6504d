import { type SerializedError, stdSerializers } from 'pino'

/**
 * An error as it is logged: its type, words and stack with those of its causes, and what it bears that is text, a number or a truth
 * value, like a code. The rest is what libraries hang on their errors, whole clients with their keys, answers and settings.
 */
export function loggedError(thrown: unknown): unknown {
  return thrown instanceof Error ? plainly(stdSerializers.err(thrown)) : String(thrown)
}

function plainly(error: SerializedError): Record<string, unknown> {
  const { aggregateErrors } = error
  const plain = Object.entries(error).filter(([, value]) => !isThing(value))
  return {
    ...Object.fromEntries(plain),
    ...(aggregateErrors === undefined ? {} : { aggregateErrors: aggregateErrors.map(plainly) }),
  }
}

function isThing(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function'
}
