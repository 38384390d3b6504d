import type { Literal } from './expression.ts'
import { ExpressionError } from './expression-error.ts'
import type { TokenReader } from './token-reader.ts'
import { foundText } from './unexpected.ts'

/** The rest of a list, whose `[` has been read: literals, lists among them, separated by commas. */
export function parseList(tokens: TokenReader, depthMax: number): Literal[] {
  const items: Literal[] = []
  if (tokens.skip(']')) return items
  do items.push(parseItem(tokens, depthMax))
  while (tokens.skip(','))
  tokens.expect(']', ', or ]')
  return items
}

function parseItem(tokens: TokenReader, depthMax: number): Literal {
  const isNegative = tokens.skip('-')
  const token = tokens.next()
  if (token.kind === 'number') return isNegative ? -token.value : token.value
  if (!isNegative) {
    if (token.kind === 'string') return token.value
    if (token.kind === 'word' && (token.text === 'true' || token.text === 'false'))
      return token.text === 'true'
    if (token.kind === 'symbol' && token.text === '[') {
      if (depthMax === 0) throw new ExpressionError(token.at, 'expected fewer lists inside one another')
      return parseList(tokens, depthMax - 1)
    }
  }
  const expected = isNegative ? 'a number' : 'a number, a text in quotes, true, false or a list'
  throw new ExpressionError(token.at, `expected ${expected}, found ${foundText(token)}`)
}
