import { ExpressionError } from './expression-error.ts'
import { type Token, tokenize } from './tokens.ts'
import { foundText, noOperator } from './unexpected.ts'

/** The tokens of an expression, one after the other. At the end it stays at the end. */
export class TokenReader {
  readonly #tokens: Token[]
  #place = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#place + ahead, this.#tokens.length - 1)] as Token
  }

  next(): Token {
    const token = this.peek()
    this.#place += 1
    return token
  }

  /** Steps over a sign, if it comes next. */
  skip(sign: string): boolean {
    const token = this.peek()
    if (token.kind !== 'symbol' || token.text !== sign) return false
    this.#place += 1
    return true
  }

  /** @param expected how a message names what must come next */
  expect(sign: string, expected: string): void {
    if (this.skip(sign)) return
    const found = this.peek()
    throw new ExpressionError(found.at, `expected ${expected}, found ${foundText(found)}`)
  }

  /** As `expect`, where an operator could have come just as well. */
  close(sign: string, expected: string): void {
    if (!this.skip(sign)) throw noOperator(this.peek(), expected)
  }
}
