/**
 * Conditions on one property that no value meets: `x > 5 and x < 3`, `x == "a" and x in ["b", "c"]`. Looks only at
 * conditions that compare a property with literals. Whether one holds depends on the value's type and its place among
 * the literals, so one value of each type and of each place between them stands for all.
 */
import { compileExpression } from './compile-expression.ts'
import type { Expression, Literal } from './expression.ts'
import type { Value } from './value.ts'

/** More literals than this are not gone through; nothing is found then. */
const literalsMax = 1000

const comparisons = ['==', '!=', '<', '<=', '>', '>=']

/** A property that can't meet all the conditions that are on it alone, if there is one. */
export function contradictedProperty(conditions: Expression[]): string | undefined {
  const byProperty = new Map<string, Expression[]>()
  for (const condition of conditions) {
    const name = onlyProperty(condition)
    if (name !== undefined) byProperty.set(name, [...(byProperty.get(name) ?? []), condition])
  }
  for (const [name, own] of byProperty) if (!canBeMet(own)) return name
  return undefined
}

function canBeMet(conditions: Expression[]): boolean {
  const literals = conditions.flatMap(literalsIn)
  if (literals.length > literalsMax) return true
  const compiled = conditions.map(compileExpression)
  return representatives(literals).some((value) =>
    compiled.every(({ fields, isTrueOf }) =>
      // A property by another name is a second field: it is taken to be missing.
      isTrueOf({ valueOf: (index) => (index === fields.length - 1 ? value : undefined) }),
    ),
  )
}

/** The property that a condition compares with literals, if it does nothing else. */
function onlyProperty(condition: Expression): string | undefined {
  switch (condition.kind) {
    case 'property':
      return condition.name
    case 'not':
      return onlyProperty(condition.operand)
    case 'call':
      return condition.name === 'defined' ? propertyName(condition.argument) : undefined
    case 'binary':
      return comparedProperty(condition)
    case 'and':
    case 'or': {
      const names = new Set(condition.operands.map(onlyProperty))
      return names.size === 1 ? [...names][0] : undefined
    }
    default:
      return undefined
  }
}

function comparedProperty({
  operator,
  left,
  right,
}: Extract<Expression, { kind: 'binary' }>): string | undefined {
  if (operator === 'in')
    return right.kind === 'literal' && Array.isArray(right.value) ? propertyName(left) : undefined
  if (!comparisons.includes(operator)) return undefined
  if (left.kind === 'literal') return propertyName(right)
  return right.kind === 'literal' ? propertyName(left) : undefined
}

function propertyName(expression: Expression): string | undefined {
  return expression.kind === 'property' ? expression.name : undefined
}

function literalsIn(expression: Expression): Literal[] {
  switch (expression.kind) {
    case 'literal':
      return [expression.value, ...(Array.isArray(expression.value) ? expression.value : [])]
    case 'not':
      return literalsIn(expression.operand)
    case 'binary':
      return [...literalsIn(expression.left), ...literalsIn(expression.right)]
    case 'and':
    case 'or':
      return expression.operands.flatMap(literalsIn)
    default:
      return []
  }
}

function representatives(literals: Literal[]): Value[] {
  const numbers = literals.filter((value) => typeof value === 'number').sort((left, right) => left - right)
  const texts = literals.filter((value) => typeof value === 'string')
  const between = numbers.slice(1).map((number, index) => (number + (numbers[index] ?? number)) / 2)
  const [least = 0, most = 0] = [numbers[0], numbers.at(-1)]
  // Not by 1 alone, which is lost in a large number.
  const around = [least - Math.abs(least) - 1, most + Math.abs(most) + 1]
  // Longer than any of the literals, so none of them.
  const otherText = `${texts.join('')}…`
  return [undefined, null, true, false, ...numbers, ...between, ...around, otherText, {}, [{}], ...literals]
}
