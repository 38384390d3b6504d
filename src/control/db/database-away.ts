import { PenstockError } from '../../errors/penstock-error.ts'

/** What PostgreSQL and the network say while the database is away, or goes away or comes. */
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  '53300',
  '57P01',
  '57P02',
  '57P03',
])
/** pg's own words for the same, which bear no code. */
const awayWords =
  /^Connection terminated|^timeout exceeded when trying to connect|^Query read timeout$|is not queryable$/

/** True for a failure that says nothing about the query: the same may work in a moment. */
export function isDatabaseAway(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.every(isDatabaseAway)
  if (!(cause instanceof Error)) return false
  return ('code' in cause && awayCodes.has(String(cause.code))) || awayWords.test(cause.message)
}

/** @throws PenstockError DATABASE_UNREACHABLE, retryable, where the database was away; else what was thrown */
export async function orDatabaseAway<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch (cause) {
    if (!isDatabaseAway(cause)) throw cause
    throw new PenstockError(
      'outside',
      'DATABASE_UNREACHABLE',
      'the database is away for the moment: try again. The log says why.',
      { cause, retryable: true },
    )
  }
}
