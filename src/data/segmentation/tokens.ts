/** Cuts the text of an expression into tokens. */
import { ExpressionError } from './expression-error.ts'
import { readString } from './string-literal.ts'

export type Token =
  | { kind: 'string'; value: string; at: number }
  | { kind: 'number'; value: number; at: number }
  /** A name: of a function, an operator, a place of properties, or of nothing that is known. */
  | { kind: 'word'; text: string; at: number }
  | { kind: 'symbol'; text: string; at: number }
  | { kind: 'end'; at: number }

const space = /\s*/y
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const word = /[\p{L}_$][\p{L}\p{N}_$]*/uy
const symbol = /==|!=|<=|>=|[-+*/%<>()[\],]/y

/** What people write who come from other languages, and what is meant here. */
const foreign: [text: string, instead: string][] = [
  ['&&', 'and'],
  ['||', 'or'],
  ['<>', '!='],
  ['=', '=='],
  ['!', 'not'],
  ['&', 'and'],
  ['|', 'or'],
]

export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = match(space, text, 0).length; at < text.length; ) {
    const { token, end } = readToken(text, at)
    tokens.push(token)
    at = end + match(space, text, end).length
  }
  tokens.push({ kind: 'end', at: text.length })
  return tokens
}

function readToken(text: string, at: number): { token: Token; end: number } {
  const first = text[at] ?? ''
  if (first === '"' || first === "'") {
    const { value, end } = readString(text, at)
    return { token: { kind: 'string', value, at }, end }
  }
  const digits = match(number, text, at)
  if (digits !== '') return { token: readNumber(text, digits, at), end: at + digits.length }
  const name = match(word, text, at)
  if (name !== '') return { token: { kind: 'word', text: name, at }, end: at + name.length }
  // `<>` begins like `<`, but is nothing that an expression could hold.
  const sign = text.startsWith('<>', at) ? '' : match(symbol, text, at)
  if (sign !== '') return { token: { kind: 'symbol', text: sign, at }, end: at + sign.length }
  throw new ExpressionError(at, unknownCharacter(text, at))
}

function readNumber(text: string, digits: string, at: number): Token {
  const end = at + digits.length
  if (match(word, text, end) !== '' || text[end] === '.') {
    throw new ExpressionError(end, `expected the end of the number ${digits}, found ${shownAt(text, end)}`)
  }
  const value = Number(digits)
  if (!Number.isFinite(value))
    throw new ExpressionError(at, 'expected a number that a double can hold, below 1.8e308')
  return { kind: 'number', value, at }
}

function unknownCharacter(text: string, at: number): string {
  const [found, instead] = foreign.find(([sign]) => text.startsWith(sign, at)) ?? []
  if (found !== undefined) return `expected an operator or a value, found ${found}; write ${instead}`
  if (/[“”‘’„«»]/.test(text[at] ?? '')) {
    return `expected a value, found the typographic quote ${text[at]}; write " or '`
  }
  return `expected an operator or a value, found ${shownAt(text, at)}`
}

/** The character at a place, as a message shows it: control characters as JSON does. */
function shownAt(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return /\p{C}/u.test(character) ? JSON.stringify(character) : character
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
