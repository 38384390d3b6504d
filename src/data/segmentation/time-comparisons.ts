/**
 * `properties["$time"]` is the number that the event line has, and compared with a datetime that would never be true. But
 * clients ask so for the events since some moment (Airbyte's source: `properties["$time"]>=datetime(1706184000)`): there
 * the number is taken for the datetime that it stands for.
 */
import type { BinaryOperator, Expression } from './expression.ts'

const comparisons: readonly BinaryOperator[] = ['==', '!=', '<', '<=', '>', '>=']

export function withTimeComparisons(expression: Expression): Expression {
  switch (expression.kind) {
    case 'negative':
    case 'not':
      return { ...expression, operand: withTimeComparisons(expression.operand) }
    case 'call':
      return { ...expression, argument: withTimeComparisons(expression.argument) }
    case 'and':
    case 'or':
      return { ...expression, operands: expression.operands.map(withTimeComparisons) }
    case 'binary':
      return withTimeComparison({
        ...expression,
        left: withTimeComparisons(expression.left),
        right: withTimeComparisons(expression.right),
      })
    default:
      return expression
  }
}

function withTimeComparison(expression: Extract<Expression, { kind: 'binary' }>): Expression {
  const { operator, left, right } = expression
  if (!comparisons.includes(operator)) return expression
  if (isTime(left) && isDatetime(right)) return { ...expression, left: asDatetime(left) }
  if (isDatetime(left) && isTime(right)) return { ...expression, right: asDatetime(right) }
  return expression
}

function isTime(expression: Expression): boolean {
  return expression.kind === 'property' && expression.name === '$time'
}

function isDatetime(expression: Expression): boolean {
  return expression.kind === 'call' && expression.name === 'datetime'
}

function asDatetime(argument: Expression): Expression {
  return { kind: 'call', name: 'datetime', argument, at: argument.at }
}
