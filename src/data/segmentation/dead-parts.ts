/** How messages say that a part of an expression is the same for every event. */
import type { BinaryOperator, FunctionName } from './expression.ts'
import * as kinds from './kinds.ts'

const names: [bits: number, name: string][] = [
  [kinds.kind.undefined, 'undefined'],
  [kinds.kind.null, 'null'],
  [kinds.boolean, 'a boolean'],
  [kinds.kind.number, 'a number'],
  [kinds.kind.string, 'a text'],
  [kinds.kind.datetime, 'a datetime'],
  [kinds.kind.list, 'a list'],
  [kinds.kind.object, 'an object'],
]

/** What a value can be, in words. */
export function describe(set: number): string {
  if (set === kinds.property) return 'a property'
  // That it may be missing as well goes without saying.
  const shown = set === kinds.kind.undefined ? set : set & ~kinds.kind.undefined
  return names.flatMap(([bits, name]) => (kinds.canBe(shown, bits) ? [name] : [])).join(' or ')
}

const wanted: Record<BinaryOperator, string | undefined> = {
  '==': undefined,
  '!=': undefined,
  '<': 'two numbers or two datetimes',
  '<=': 'two numbers or two datetimes',
  '>': 'two numbers or two datetimes',
  '>=': 'two numbers or two datetimes',
  in: 'a text in a text, or anything in a list',
  '+': 'two numbers or two texts',
  '-': 'two numbers',
  '*': 'two numbers',
  '/': 'two numbers',
  '%': 'two numbers',
}

export function deadBinary(operator: BinaryOperator, left: number, right: number): string {
  const between = `${operator} between ${describe(left)} and ${describe(right)}`
  const fit = wanted[operator]
  const outcome =
    fit === undefined ? `is always ${operator === '!='}` : `is always undefined; it takes ${fit}`
  const isDatetime = left === kinds.kind.datetime || right === kinds.kind.datetime
  const hint = isDatetime && operator !== 'in' ? '; datetime(…) makes one of a text or of seconds' : ''
  return `${between} ${outcome}${hint}`
}

export function deadCall(name: FunctionName, argument: number): string {
  return `${name}() of ${describe(argument)} is always undefined`
}

export function deadUnary(operator: 'negative' | 'not', operand: number): string {
  return `${operator === 'not' ? 'not' : '-'} before ${describe(operand)} is always undefined`
}
