/** Looks for what an expression can't mean: parts that are always undefined or false, whatever the event. */
import { evaluateConstant } from './compile-expression.ts'
import { contradictedProperty } from './contradiction.ts'
import { deadBinary, deadCall, deadUnary, describe } from './dead-parts.ts'
import type { Expression } from './expression.ts'
import { ExpressionError } from './expression-error.ts'
import * as kinds from './kinds.ts'
import { typeOf } from './value.ts'

/** A part that can't be meant so; `message` is a sentence's end, as an ExpressionError's is. */
export interface Finding {
  at: number
  message: string
}

/**
 * What is odd about an expression that some event could still be true of.
 * @throws ExpressionError for one that none can be, and for operands of `and` and `or` that are no booleans
 */
export function checkExpression(expression: Expression): Finding[] {
  const checker = new Checker()
  const { kinds: result } = checker.check(expression)
  const [first] = checker.findings
  if (kinds.canBe(result, kinds.kind.true)) return checker.findings
  if (first !== undefined) throw new ExpressionError(first.at, `no event can meet this: ${first.message}`)
  const reason = kinds.canBe(result, kinds.boolean)
    ? 'it is always false'
    : `it gives ${describe(result)}, and only true counts`
  throw new ExpressionError(expression.at, `no event can meet this: ${reason}`)
}

interface Checked {
  kinds: number
  /** It asks nothing of the event. */
  isConstant: boolean
}

class Checker {
  readonly findings: Finding[] = []

  check(expression: Expression): Checked {
    const found = this.findings.length
    const checked = this.#checkParts(expression)
    if (!checked.isConstant) return checked
    const value = evaluateConstant(expression)
    if (expression.kind === 'call' && expression.name === 'datetime' && value === undefined) {
      throw new ExpressionError(
        expression.argument.at,
        'expected a date and time like "2024-01-31T12:00:00", a date like "2024-01-31", or seconds since 1970',
      )
    }
    const isOdd = value === undefined || (value === false && expression.kind === 'binary')
    if (isOdd && this.findings.length === found) this.#add(expression, `this is always ${value}`)
    const type = typeOf(value)
    return {
      kinds: type === 'boolean' ? kinds.kind[String(value) as 'true'] : kinds.kind[type],
      isConstant: true,
    }
  }

  #checkParts(expression: Expression): Checked {
    switch (expression.kind) {
      case 'literal':
        return { kinds: kinds.literalKind(expression.value), isConstant: true }
      case 'property':
      case 'user':
        return { kinds: kinds.property, isConstant: false }
      case 'event':
        return { kinds: eventFieldKinds[expression.field], isConstant: false }
      case 'negative':
      case 'not':
        return this.#checkUnary(expression)
      case 'call':
        return this.#checkCall(expression)
      case 'binary':
        return this.#checkBinary(expression)
      default:
        return this.#checkChain(expression)
    }
  }

  #checkUnary(expression: Extract<Expression, { kind: 'negative' | 'not' }>): Checked {
    const operand = this.check(expression.operand)
    const calculate = expression.kind === 'not' ? kinds.notKind : kinds.negativeKind
    return this.#judge(expression, [operand], calculate(operand.kinds), () =>
      deadUnary(expression.kind, operand.kinds),
    )
  }

  #checkCall(expression: Extract<Expression, { kind: 'call' }>): Checked {
    const argument = this.check(expression.argument)
    const result = kinds.functionKind(expression.name, argument.kinds)
    return this.#judge(expression, [argument], result, () => deadCall(expression.name, argument.kinds))
  }

  #checkBinary(expression: Extract<Expression, { kind: 'binary' }>): Checked {
    const { operator } = expression
    const left = this.check(expression.left)
    const right = this.check(expression.right)
    const result = kinds.binaryKind(operator, left.kinds, right.kinds)
    return this.#judge(expression, [left, right], result, () => deadBinary(operator, left.kinds, right.kinds))
  }

  /** Notes a part that has no value, or but one, unless that comes of an operand that has none. */
  #judge(expression: Expression, operands: Checked[], result: number, say: () => string): Checked {
    const isCaused = operands.some((operand) => operand.kinds === kinds.kind.undefined)
    const isSettled =
      expression.kind === 'binary' && ['==', '!='].includes(expression.operator) && isOne(result)
    if ((result === kinds.kind.undefined || isSettled) && !isCaused) this.#add(expression, say())
    return { kinds: result, isConstant: operands.every((operand) => operand.isConstant) }
  }

  #checkChain(expression: Extract<Expression, { kind: 'and' | 'or' }>): Checked {
    const { kind: operator } = expression
    const operands = expression.operands.map((operand) => {
      const checked = this.check(operand)
      if (kinds.canBe(checked.kinds, kinds.boolean) || checked.kinds === kinds.kind.undefined) return checked
      throw new ExpressionError(
        operand.at,
        `expected something true or false beside ${operator}, found ${describe(checked.kinds)}; boolean(…) makes it one`,
      )
    })
    const canBeTrue = (operand: Checked) => kinds.canBe(operand.kinds, kinds.kind.true)
    const canBeFalse = (operand: Checked) => kinds.canBe(operand.kinds, ~kinds.kind.true)
    const [all, some] = operator === 'and' ? [canBeTrue, canBeFalse] : [canBeFalse, canBeTrue]
    const [whereAll, whereSome] =
      operator === 'and' ? [kinds.kind.true, kinds.kind.false] : [kinds.kind.false, kinds.kind.true]
    const result = (operands.every(all) ? whereAll : 0) | (operands.some(some) ? whereSome : 0)
    const isConstant = operands.every((operand) => operand.isConstant)
    return { kinds: this.#withoutContradiction(expression, result), isConstant }
  }

  #withoutContradiction(expression: Extract<Expression, { kind: 'and' | 'or' }>, result: number): number {
    if (expression.kind === 'or' || !kinds.canBe(result, kinds.kind.true)) return result
    const contradicted = contradictedProperty(expression.operands)
    if (contradicted === undefined) return result
    this.#add(
      expression,
      `no value of properties[${JSON.stringify(contradicted)}] meets all of its conditions`,
    )
    return kinds.kind.false
  }

  #add({ at }: Expression, message: string): void {
    this.findings.push({ at, message })
  }
}

const eventFieldKinds = {
  $time: kinds.kind.datetime,
  $event_name: kinds.kind.string,
  $distinct_id: kinds.property,
  $insert_id: kinds.property,
}

/** Exactly one bit. */
function isOne(set: number): boolean {
  return (set & (set - 1)) === 0
}
