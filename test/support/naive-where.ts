/**
 * Segmentation expressions evaluated the plain way: over a parsed event, by the rules as they are written down, with none
 * of the product's shortcuts and none of its code. Tests hold the product against it.
 */
import type { Expression } from '../../src/data/segmentation/expression.ts'

/** A datetime, apart from numbers. */
interface Datetime {
  datetimeMs: number
}

type Event = { event: string; properties: Record<string, unknown> }

class MeaninglessExpression extends Error {}

/** Whether the event is exported. */
export function naiveWhere(expression: Expression, event: Event): boolean {
  try {
    return evaluate(expression, event) === true
  } catch (error) {
    if (error instanceof MeaninglessExpression) return false
    throw error
  }
}

function evaluate(expression: Expression, event: Event): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'property':
      return propertyOf(expression.name, event)
    case 'user':
      throw new Error('the plain way knows no profiles')
    case 'event':
      return eventField(expression.field, event)
    case 'negative': {
      const value = evaluate(expression.operand, event)
      return typeof value === 'number' ? -value : undefined
    }
    case 'not': {
      const value = evaluate(expression.operand, event)
      if (value === undefined) return true
      return typeof value === 'boolean' ? !value : undefined
    }
    case 'and':
    case 'or':
      return chainValue(expression, event)
    case 'call':
      return callValue(expression.name, evaluate(expression.argument, event))
    case 'binary':
      return binaryValue(
        expression.operator,
        operandValue(expression.left, expression.right, expression.operator, event),
        operandValue(expression.right, expression.left, expression.operator, event),
      )
  }
}

/** Beside a `datetime()` that it is compared with, `properties["$time"]` is one too. */
function operandValue(operand: Expression, other: Expression, operator: string, event: Event): unknown {
  const value = evaluate(operand, event)
  const isTime = operand.kind === 'property' && operand.name === '$time'
  const isCompared = other.kind === 'call' && other.name === 'datetime' && /^[=!<>]=?$|^==$/.test(operator)
  return isTime && isCompared ? datetimeOf(value) : value
}

function propertyOf(name: string, { properties }: Event): unknown {
  if (Object.hasOwn(properties, name)) return properties[name]
  const instead = name === '$distinct_id' ? 'distinct_id' : name === '$time' ? 'time' : name
  return Object.hasOwn(properties, instead) ? properties[instead] : undefined
}

function eventField(field: string, { event, properties }: Event): unknown {
  if (field === '$event_name') return event
  if (field === '$distinct_id') return properties.distinct_id
  if (field === '$insert_id') return properties.$insert_id
  return typeof properties.time === 'number' ? datetime(properties.time * 1000) : undefined
}

function chainValue({ kind, operands }: Extract<Expression, { kind: 'and' | 'or' }>, event: Event): boolean {
  for (const operand of operands) {
    const value = evaluate(operand, event)
    const truth = value === undefined ? false : value
    if (typeof truth !== 'boolean') throw new MeaninglessExpression()
    if (truth === (kind === 'or')) return truth
  }
  return kind === 'and'
}

function callValue(name: string, value: unknown): unknown {
  switch (name) {
    case 'defined':
      return value !== undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : ![undefined, null, 0, '', 'false'].includes(value as string)
    case 'number':
      return numberOf(value)
    case 'string':
      return textOf(value)
    case 'datetime':
      return datetimeOf(value)
  }
  if (typeof value !== 'number') return undefined
  if (name === 'floor') return Math.floor(value)
  if (name === 'ceil') return Math.ceil(value)
  const whole = Math.trunc(value)
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole
}

function numberOf(value: unknown): unknown {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (isDatetime(value)) return value.datetimeMs / 1000
  if (typeof value !== 'string' || !/^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/.test(value))
    return undefined
  const number = Number.parseFloat(value)
  return Math.abs(number) === Number.POSITIVE_INFINITY ? undefined : number
}

function textOf(value: unknown): unknown {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (isDatetime(value)) return new Date(value.datetimeMs).toISOString().split('.')[0]
  return typeof value === 'number' ? digitsOf(value) : undefined
}

/** The shortest digits that tell a number from its neighbours, never with an exponent. */
function digitsOf(value: number): string {
  if (Object.is(value, -0)) return '0'
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const point = Number(exponent) + 1
  const whole = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0')
  const fraction = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' || value === 0 ? '' : `.${fraction}`}`
}

function datetimeOf(value: unknown): unknown {
  if (isDatetime(value)) return value
  if (typeof value === 'number') return datetime(value * 1000)
  if (typeof value !== 'string') return undefined
  const parts =
    /^(\d{4}-\d\d-\d\d)([T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[-+]\d\d:?\d\d)?)?$/.exec(value) ?? undefined
  if (parts === undefined) return undefined
  const [, day, , clock = '00:00:00', fraction = '', zone = 'Z'] = parts
  const ms = Date.parse(`${day}T${clock}${fraction.slice(0, 4)}Z`)
  // Date.parse takes 24:00:00, and in some versions the 30th of February.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== `${day}T${clock}`) return undefined
  if (Number(day?.slice(0, 4)) < 100) return undefined
  const offset = /^([-+])(\d\d):?(\d\d)$/.exec(zone)
  if (offset === null) return datetime(ms)
  const [hours, minutes] = [Number(offset[2]), Number(offset[3])]
  if (hours > 23 || minutes > 59) return undefined
  const distance = (hours * 60 + minutes) * 60_000
  return datetime(offset[1] === '+' ? ms - distance : ms + distance)
}

function binaryValue(operator: string, left: unknown, right: unknown): unknown {
  switch (operator) {
    case '==':
      return isSame(left, right)
    case '!=':
      return !isSame(left, right)
    case 'in':
      if (Array.isArray(right)) return right.some((item) => isSame(left, item))
      return typeof left === 'string' && typeof right === 'string' ? right.indexOf(left) >= 0 : undefined
    case '+':
      if (typeof left === 'string' && typeof right === 'string') return left.concat(right)
  }
  if (['<', '<=', '>', '>='].includes(operator)) return orderValue(operator, left, right)
  if (typeof left !== 'number' || typeof right !== 'number') return undefined
  const result = {
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '%': left % right,
  }[operator]
  return Number.isFinite(result) ? result : undefined
}

function orderValue(operator: string, left: unknown, right: unknown): unknown {
  const [one, other] =
    isDatetime(left) && isDatetime(right) ? [left.datetimeMs, right.datetimeMs] : [left, right]
  if (typeof one !== 'number' || typeof other !== 'number') return undefined
  const isBelow = one < other
  if (operator === '<') return isBelow
  if (operator === '>=') return !isBelow
  const isAbove = one > other
  return operator === '>' ? isAbove : !isAbove
}

/** By their canonical JSON, in which a datetime is an object that no event can hold. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return left === right
  return canonical(left) === canonical(right)
}

function canonical(value: unknown): string {
  if (isDatetime(value)) return `datetime ${value.datetimeMs}`
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`
}

const datetimes = new WeakSet<object>()

function datetime(datetimeMs: number): Datetime | undefined {
  if (!(Math.abs(datetimeMs) <= 8.64e15)) return undefined
  const made = { datetimeMs }
  datetimes.add(made)
  return made
}

function isDatetime(value: unknown): value is Datetime {
  return typeof value === 'object' && value !== null && datetimes.has(value)
}
