/**
 * What each operator and function makes of its operands' values. The rules are those of Mixpanel's published reference
 * of segmentation expressions; docs/guides/where.md has them all, with what the reference leaves open.
 */
import type { ArithmeticOperator, BinaryOperator, FunctionName } from './expression.ts'
import { Moment, momentAtSeconds, parseMoment } from './moment.ts'
import { equal, type Value } from './value.ts'

export type Operation = (left: Value, right: Value) => Value

const calculations: Record<ArithmeticOperator, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
}

const sum = arithmetic('+')

export const operations: Record<BinaryOperator, Operation> = {
  '==': equal,
  '!=': (left, right) => !equal(left, right),
  '<': ordering((left, right) => left < right),
  '<=': ordering((left, right) => left <= right),
  '>': ordering((left, right) => left > right),
  '>=': ordering((left, right) => left >= right),
  in: isIn,
  '+': (left, right) =>
    typeof left === 'string' && typeof right === 'string' ? left + right : sum(left, right),
  '-': arithmetic('-'),
  '*': arithmetic('*'),
  '/': arithmetic('/'),
  '%': arithmetic('%'),
}

export const functions: Record<FunctionName, (value: Value) => Value> = {
  boolean: toBoolean,
  number: toNumber,
  string: toText,
  floor: onNumber(Math.floor),
  ceil: onNumber(Math.ceil),
  // Halves go away from zero; Math.round would take -2.5 to -2.
  round: onNumber((value) => Math.sign(value) * Math.round(Math.abs(value))),
  defined: (value) => value !== undefined,
  datetime: toMoment,
}

export function negative(value: Value): Value {
  return typeof value === 'number' ? -value : undefined
}

export function not(value: Value): Value {
  if (typeof value === 'boolean') return !value
  return value === undefined ? true : undefined
}

function ordering(compare: (left: number, right: number) => boolean): Operation {
  return (left, right) => {
    if (typeof left === 'number') return typeof right === 'number' ? compare(left, right) : undefined
    return left instanceof Moment && right instanceof Moment ? compare(left.ms, right.ms) : undefined
  }
}

function arithmetic(operator: ArithmeticOperator): Operation {
  const calculate = calculations[operator]
  return (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined
    const result = calculate(left, right)
    // A division by zero, and what is beyond any number.
    return Number.isFinite(result) ? result : undefined
  }
}

function isIn(item: Value, place: Value): Value {
  if (Array.isArray(place)) return place.some((member) => equal(member, item))
  return typeof item === 'string' && typeof place === 'string' ? place.includes(item) : undefined
}

function onNumber(calculate: (value: number) => number): (value: Value) => Value {
  return (value) => (typeof value === 'number' ? calculate(value) : undefined)
}

function toBoolean(value: Value): boolean {
  if (typeof value === 'boolean') return value
  return !(value === undefined || value === null || value === 0 || value === '' || value === 'false')
}

// Each digit can match in one place only: a client's million digits take linear time.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

function toNumber(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Moment) return value.ms / 1000
  if (typeof value !== 'string') return typeof value === 'number' ? value : undefined
  const number = decimal.test(value) ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

function toText(value: Value): Value {
  if (typeof value === 'number') return Number.isFinite(value) ? decimalText(value) : undefined
  if (typeof value === 'boolean' || value instanceof Moment) return String(value)
  return typeof value === 'string' || value === null ? value : undefined
}

/** All digits, where JavaScript would write an exponent. */
function decimalText(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign, whole = '', fraction = '', exponent] = match
  const point = whole.length + Number(exponent)
  const digits = whole + fraction
  return point <= 0 ? `${sign}0.${'0'.repeat(-point)}${digits}` : `${sign}${digits.padEnd(point, '0')}`
}

function toMoment(value: Value): Value {
  if (value instanceof Moment) return value
  if (typeof value === 'string') return parseMoment(value)
  return typeof value === 'number' ? momentAtSeconds(value) : undefined
}
