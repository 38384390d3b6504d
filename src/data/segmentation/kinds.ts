/** Sets of what a value can be, as bits: the types, with true and false apart. */
import type { BinaryOperator, FunctionName, Literal } from './expression.ts'

export const kind = {
  undefined: 1,
  null: 2,
  true: 4,
  false: 8,
  number: 16,
  string: 32,
  datetime: 64,
  list: 128,
  object: 256,
} as const

export const boolean = kind.true | kind.false
/** What JSON can hold, or not hold. Moments are not among it: only `datetime()` and `event["$time"]` make them. */
export const property =
  kind.undefined | kind.null | boolean | kind.number | kind.string | kind.list | kind.object

export function literalKind(value: Literal): number {
  if (typeof value === 'boolean') return value ? kind.true : kind.false
  return Array.isArray(value) ? kind.list : kind[typeof value as 'number' | 'string']
}

export function canBe(kinds: number, some: number): boolean {
  return (kinds & some) !== 0
}

/** The result, and undefined too where an operand can be something else than those that give it. */
function orUndefined(result: number, operands: number, fitting: number): number {
  return result | (canBe(operands, ~fitting) ? kind.undefined : 0)
}

export function negativeKind(operand: number): number {
  return orUndefined(operand & kind.number, operand, kind.number)
}

export function notKind(operand: number): number {
  const result =
    (canBe(operand, kind.true) ? kind.false : 0) |
    (canBe(operand, kind.false | kind.undefined) ? kind.true : 0)
  return orUndefined(result, operand, boolean | kind.undefined)
}

export function functionKind(name: FunctionName, argument: number): number {
  const defined = argument & ~kind.undefined
  switch (name) {
    case 'boolean':
      return boolean
    case 'defined':
      return (defined === 0 ? 0 : kind.true) | (canBe(argument, kind.undefined) ? kind.false : 0)
    case 'number':
      return (
        result(kind.number, argument, kind.number | kind.string | kind.datetime | boolean) | kind.undefined
      )
    case 'string':
      return (
        result(kind.string, argument, kind.string | kind.number | kind.datetime | boolean) |
        orUndefined(argument & kind.null, argument, kind.null | kind.string | kind.datetime | boolean)
      )
    case 'datetime':
      return result(kind.datetime, argument, kind.datetime | kind.string | kind.number) | kind.undefined
    default:
      return negativeKind(argument)
  }
}

export function binaryKind(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '==':
      return haveCommonType(left, right) ? boolean : kind.false
    case '!=':
      return haveCommonType(left, right) ? boolean : kind.true
    case 'in':
      return inKind(left, right)
    case '+':
      return arithmeticKind(left, right) | (left & right & kind.string)
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmeticKind(left, right)
    default:
      return orderingKind(left, right)
  }
}

function haveCommonType(left: number, right: number): boolean {
  return canBe(left & right, ~boolean) || (canBe(left, boolean) && canBe(right, boolean))
}

function inKind(item: number, place: number): number {
  const isText = canBe(item, kind.string) && canBe(place, kind.string)
  const found = isText || canBe(place, kind.list) ? boolean : 0
  return found | (canBe(place, ~kind.list) ? kind.undefined : 0)
}

function arithmeticKind(left: number, right: number): number {
  return (left & right & kind.number) | kind.undefined
}

function orderingKind(left: number, right: number): number {
  const comparable = canBe(left & right, kind.number | kind.datetime)
  return (
    (comparable ? boolean : 0) |
    (comparable && left === right && !canBe(left, ~kind.number) ? 0 : kind.undefined)
  )
}

function result(kinds: number, operand: number, fitting: number): number {
  return canBe(operand, fitting) ? kinds : 0
}
