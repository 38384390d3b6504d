/**
 * Parser of segmentation expressions. What binds tighter comes later: `or`; `and`; `not`; `== != < <= > >= in`;
 * `+ -`; `* / %`; the sign `-`. Operators of one row go from left to right.
 */
import {
  type BinaryOperator,
  type Expression,
  eventFields,
  type FunctionName,
  functionNames,
} from './expression.ts'
import { ExpressionError } from './expression-error.ts'
import { parseList } from './parse-list.ts'
import { TokenReader } from './token-reader.ts'
import { noOperator, noValue } from './unexpected.ts'

/** Bounds the recursion of whatever walks the tree. Chains of `and` or of `or` count once. */
const depthMax = 100

const rank = { or: 1, and: 2, not: 3, comparison: 4, sum: 5, product: 6, sign: 7 } as const

const ranks: Record<BinaryOperator | 'and' | 'or', number> = {
  or: rank.or,
  and: rank.and,
  '==': rank.comparison,
  '!=': rank.comparison,
  '<': rank.comparison,
  '<=': rank.comparison,
  '>': rank.comparison,
  '>=': rank.comparison,
  in: rank.comparison,
  '+': rank.sum,
  '-': rank.sum,
  '*': rank.product,
  '/': rank.product,
  '%': rank.product,
}

/** @throws ExpressionError */
export function parseExpression(text: string): Expression {
  return new Parser(text).parseAll()
}

class Parser {
  readonly #tokens: TokenReader
  readonly #heights = new WeakMap<Expression, number>()
  #nesting = 0

  constructor(text: string) {
    this.#tokens = new TokenReader(text)
  }

  parseAll(): Expression {
    const expression = this.#parse(0)
    const left = this.#tokens.next()
    if (left.kind !== 'end') throw noOperator(left, 'an operator or the end')
    return expression
  }

  /** Everything from here on that operators of more than this rank hold together. */
  #parse(above: number): Expression {
    this.#enter()
    let left = this.#parsePrefix()
    for (;;) {
      const token = this.#tokens.peek()
      const operator = token.kind === 'word' || token.kind === 'symbol' ? token.text : ''
      if (!isBinary(operator) || ranks[operator] <= above) break
      this.#tokens.next()
      const right = this.#parse(ranks[operator])
      left = this.#join(operator, left, right, token.at)
    }
    this.#nesting -= 1
    return left
  }

  #join(
    operator: BinaryOperator | 'and' | 'or',
    left: Expression,
    right: Expression,
    at: number,
  ): Expression {
    if (operator !== 'and' && operator !== 'or') {
      return this.#grow({ kind: 'binary', operator, left, right, at }, [left, right])
    }
    if (left.kind !== operator)
      return this.#grow({ kind: operator, operands: [left, right], at }, [left, right])
    left.operands.push(right)
    return this.#grow(left, [right])
  }

  #parsePrefix(): Expression {
    const token = this.#tokens.next()
    const { at } = token
    switch (token.kind) {
      case 'string':
      case 'number':
        return this.#grow({ kind: 'literal', value: token.value, at })
      case 'symbol':
        return this.#parseSymbol(token.text, at)
      case 'word':
        return this.#parseWord(token.text, at)
      default:
        throw noValue(token, this.#tokens.peek())
    }
  }

  #parseSymbol(text: string, at: number): Expression {
    if (text === '[') return this.#grow({ kind: 'literal', value: parseList(this.#tokens, depthMax), at })
    if (text === '-') {
      const operand = this.#parse(rank.sign)
      return this.#grow({ kind: 'negative', operand, at }, [operand])
    }
    if (text !== '(') throw noValue({ kind: 'symbol', text, at }, this.#tokens.peek())
    const inner = this.#parse(0)
    this.#tokens.close(')', 'an operator or )')
    return inner
  }

  #parseWord(text: string, at: number): Expression {
    if (text === 'true' || text === 'false')
      return this.#grow({ kind: 'literal', value: text === 'true', at })
    if (text === 'not') {
      const operand = this.#parse(rank.not)
      return this.#grow({ kind: 'not', operand, at }, [operand])
    }
    if (text === 'properties') return this.#grow({ kind: 'property', name: this.#parseName(text), at })
    if (text === 'user') return this.#grow({ kind: 'user', name: this.#parseName(text), at })
    if (text === 'event') return this.#grow(this.#parseEvent(at))
    if (!isFunction(text)) throw noValue({ kind: 'word', text, at }, this.#tokens.peek())
    this.#tokens.expect('(', `( after ${text}`)
    const argument = this.#parse(0)
    this.#tokens.close(')', 'an operator or )')
    return this.#grow({ kind: 'call', name: text, argument, at }, [argument])
  }

  #parseEvent(at: number): Expression {
    const nameAt = this.#tokens.peek(1).at
    const name = this.#parseName('event')
    const field = eventFields.find((known) => known === name)
    if (field !== undefined) return { kind: 'event', field, at }
    throw new ExpressionError(
      nameAt,
      `expected one of ${eventFields.map((known) => JSON.stringify(known)).join(', ')}; a property is properties[${JSON.stringify(name)}]`,
    )
  }

  #parseName(of: string): string {
    this.#tokens.expect('[', `[ after ${of}`)
    const name = this.#tokens.next()
    if (name.kind !== 'string')
      throw new ExpressionError(name.at, 'expected a name in quotes, as in properties["plan"]')
    this.#tokens.expect(']', ']')
    return name.value
  }

  #enter(): void {
    this.#nesting += 1
    if (this.#nesting > depthMax) throw tooDeep(this.#tokens.peek().at)
  }

  /** Keeps count of how high the tree has grown. */
  #grow(expression: Expression, children: Expression[] = []): Expression {
    const below = Math.max(0, ...children.map((child) => this.#heights.get(child) ?? 0))
    const height = Math.max(this.#heights.get(expression) ?? 0, below + 1)
    if (height > depthMax) throw tooDeep(expression.at)
    this.#heights.set(expression, height)
    return expression
  }
}

function tooDeep(at: number): ExpressionError {
  return new ExpressionError(at, `expected at most ${depthMax} levels of parentheses and operators`)
}

function isBinary(text: string): text is BinaryOperator | 'and' | 'or' {
  return Object.hasOwn(ranks, text)
}

function isFunction(text: string): text is FunctionName {
  return functionNames.some((name) => name === text)
}
