import { type SerializedError, stdSerializers } from 'pino'
import { PenstockError } from '../errors/penstock-error.ts'

/**
 * An error as it is logged: its type, words and stack with those of its causes, and what it bears that is text, a number or a truth
 * value, like a code. The rest is what libraries hang on their errors, whole clients with their keys, answers and settings.
 *
 * What Penstock says of others' doing is said by its words: while a database is away each request logs it, and a thousand stacks
 * would hide the rest.
 */
export function loggedError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return String(thrown)
  const { stack, ...said } = plainly(stdSerializers.err(thrown))
  const isExplained = thrown instanceof PenstockError && thrown.kind !== 'invariant'
  return isExplained ? said : { ...said, stack }
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
