/**
 * `where`: the segmentation expression that an export's events must meet. docs/guides/where.md has its grammar and rules.
 *
 *   text ──parse──▶ expression ──check──▶ problem or warnings          (once, when a request is checked)
 *                              ──compile──▶ a filter of event lines    (in the threads that rewrite members)
 */
import { PenstockError } from '../../errors/penstock-error.ts'
import { checkExpression, type Finding } from './check-expression.ts'
import { compileExpression } from './compile-expression.ts'
import type { Expression } from './expression.ts'
import { ExpressionError, placeText } from './expression-error.ts'
import { createLineFilter, type LineFilter } from './line-filter.ts'
import { parseExpression } from './parse-expression.ts'
import { withTimeComparisons } from './time-comparisons.ts'
import { type ProfileLookup, userNames } from './user-fields.ts'

/** In UTF-16 units. */
export const whereLengthMax = 32_768

/** What there is to say of an expression before it is used. Each text is a sentence's end: "at column 7: …". */
export type WhereCheck = { problem: string } | { warnings: string[] }

/** A problem: it is no expression, or no event can meet it. Warnings: some part of it is the same for every event. */
export function checkWhere(text: string): WhereCheck {
  try {
    const findings = checkExpression(parse(text))
    return { warnings: findings.map((finding) => placed(text, finding)) }
  } catch (error) {
    if (error instanceof ExpressionError) return { problem: placed(text, error) }
    throw error
  }
}

/** The properties of users' profiles that an expression asks for, in the order of a lookup's values; mostly none. */
export function askedOfUsers(text: string | null | undefined): string[] {
  return text === null || text === undefined ? [] : userNames(compileExpression(readStored(text)).fields)
}

/**
 * The filter that an expression makes.
 * @param lookUp finds the profiles that it asks for
 * @throws PenstockError `WHERE_UNREADABLE`; `checkWhere` finds that out before, and says more
 */
export function createWhereFilter(text: string, lookUp?: ProfileLookup): LineFilter {
  return createLineFilter(readStored(text), lookUp)
}

function readStored(text: string): Expression {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof ExpressionError)) throw cause
    const message = `the stored expression of a where can't be read ${placed(text, cause)}`
    throw new PenstockError('invariant', 'WHERE_UNREADABLE', message, { cause })
  }
}

function parse(text: string): Expression {
  if (text.length <= whereLengthMax) return withTimeComparisons(parseExpression(text))
  throw new ExpressionError(
    whereLengthMax,
    `expected the end: an expression has at most ${whereLengthMax} characters`,
  )
}

function placed(text: string, { at, message }: Finding): string {
  return `at ${placeText(text, at)}: ${message}`
}
