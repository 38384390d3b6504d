/** What a message says of a token that can't stand where it stands, and what was probably meant. */
import { functionNames } from './expression.ts'
import { ExpressionError } from './expression-error.ts'
import type { Token } from './tokens.ts'

const shownLengthMax = 40

export function foundText(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end'
    case 'string':
      return short(JSON.stringify(token.value))
    case 'number':
      return String(token.value)
    default:
      return short(token.text)
  }
}

/** Words of other languages where an operator should be. */
const foreignOperators: Record<string, string> = {
  not: 'write not (… in …) around the whole',
  contains: 'write "text" in properties["…"]',
  has: 'write "text" in properties["…"]',
  is: 'write ==',
  eq: 'write ==',
}

/** @param expected how the message names what could have come */
export function noOperator(token: Token, expected: string): ExpressionError {
  const word = token.kind === 'word' ? token.text : ''
  const lower = word.toLowerCase()
  const isCase = word !== lower && ['and', 'or', 'in', 'not'].includes(lower)
  const hint = isCase
    ? `write ${lower}`
    : Object.hasOwn(foreignOperators, lower)
      ? foreignOperators[lower]
      : undefined
  return unexpected(token, expected, hint)
}

/** @param next the token behind it */
export function noValue(token: Token, next: Token): ExpressionError {
  const expected = 'a property, a literal, a function or ('
  if (token.kind !== 'word') return unexpected(token, expected, undefined)
  const lower = token.text.toLowerCase()
  if (['null', 'undefined', 'none', 'nil'].includes(lower)) {
    return unexpected(
      token,
      expected,
      'for a property that an event does not have write not defined(properties["…"])',
    )
  }
  if (['true', 'false', 'not', 'properties', 'event'].includes(lower)) {
    return unexpected(token, expected, `write ${lower}`)
  }
  if (next.kind === 'symbol' && next.text === '(') {
    return unexpected(token, `one of the functions ${functionNames.join(', ')}`, undefined)
  }
  const name = short(token.text)
  return unexpected(token, expected, `write properties["${name}"], or for the text "${name}"`)
}

function unexpected(token: Token, expected: string, hint: string | undefined): ExpressionError {
  const found = `expected ${expected}, found ${foundText(token)}`
  return new ExpressionError(token.at, hint === undefined ? found : `${found}; ${hint}`)
}

function short(text: string): string {
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text
}
