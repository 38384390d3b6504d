/** Turns an expression into a function over the fields of one event. */
import type { Expression } from './expression.ts'
import { momentAtSeconds } from './moment.ts'
import { functions, negative, not, operations } from './operations.ts'
import type { Value } from './value.ts'

/** Something that an expression asks for: an event's name, one of its properties, or one of its user's profile. */
export interface Field {
  of: 'event' | 'properties' | 'user'
  name: string
}

/** One event, as far as an expression needs it. */
export interface FieldValues {
  /** @param index of `CompiledExpression.fields` */
  valueOf(index: number): Value
}

export interface CompiledExpression {
  fields: Field[]
  /** Whether the event is one that the expression is true of. */
  isTrueOf(event: FieldValues): boolean
}

type Evaluate = (event: FieldValues) => Value

/** Thrown, as it must end the evaluation of the whole; a constant, as an Error for every event would cost too much. */
const notBoolean = Symbol('an operand of and/or is neither a boolean nor undefined')

export function compileExpression(expression: Expression): CompiledExpression {
  const compiler = new Compiler()
  const evaluate = compiler.compile(expression)
  return {
    fields: compiler.fields,
    isTrueOf: (event) => {
      try {
        return evaluate(event) === true
      } catch (reason) {
        if (reason === notBoolean) return false
        throw reason
      }
    },
  }
}

/** The value of an expression that asks nothing of the event. */
export function evaluateConstant(expression: Expression): Value {
  return new Compiler().compile(expression)({ valueOf: () => undefined })
}

/** Names of Mixpanel's for what the event line calls otherwise. A property that is really called so comes first. */
const otherNames: Record<string, string> = { $distinct_id: 'distinct_id', $time: 'time' }

export function hasOtherName(property: string): boolean {
  return Object.hasOwn(otherNames, property)
}

class Compiler {
  readonly fields: Field[] = []
  /** How many of the parts so far ask something of the event. */
  #asking = 0

  /** What asks nothing of the event is worked out here, once. */
  compile(expression: Expression): Evaluate {
    const askingBefore = this.#asking
    const evaluate = this.#compilePart(expression)
    return this.#asking === askingBefore ? constant(evaluate) : evaluate
  }

  #compilePart(expression: Expression): Evaluate {
    switch (expression.kind) {
      case 'literal': {
        const { value } = expression
        return () => value
      }
      case 'property':
        return this.#property(expression.name)
      case 'user':
        return this.#field({ of: 'user', name: expression.name })
      case 'event':
        return this.#eventField(expression.field)
      case 'negative':
        return onOperand(negative, this.compile(expression.operand))
      case 'not':
        return onOperand(not, this.compile(expression.operand))
      case 'call':
        return onOperand(functions[expression.name], this.compile(expression.argument))
      case 'binary':
        return this.#binary(expression)
      default:
        return chain(
          expression.kind === 'or',
          expression.operands.map((operand) => this.compile(operand)),
        )
    }
  }

  #property(name: string): Evaluate {
    const own = this.#field({ of: 'properties', name })
    if (!hasOtherName(name)) return own
    const instead = this.#field({ of: 'properties', name: otherNames[name] ?? name })
    return (event) => {
      const value = own(event)
      return value === undefined ? instead(event) : value
    }
  }

  #eventField(field: string): Evaluate {
    if (field === '$event_name') return this.#field({ of: 'event', name: 'event' })
    if (field === '$distinct_id') return this.#field({ of: 'properties', name: 'distinct_id' })
    if (field === '$insert_id') return this.#field({ of: 'properties', name: field })
    const time = this.#field({ of: 'properties', name: 'time' })
    return (event) => {
      const seconds = time(event)
      return typeof seconds === 'number' ? momentAtSeconds(seconds) : undefined
    }
  }

  #field({ of, name }: Field): Evaluate {
    let index = this.fields.findIndex((field) => field.of === of && field.name === name)
    if (index === -1) index = this.fields.push({ of, name }) - 1
    this.#asking += 1
    return (event) => event.valueOf(index)
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): Evaluate {
    const members = operator === 'in' && right.kind === 'literal' ? scalarSet(right.value) : undefined
    const evaluateLeft = this.compile(left)
    if (members !== undefined) return (event) => members.has(evaluateLeft(event))
    const evaluateRight = this.compile(right)
    const operation = operations[operator]
    return (event) => operation(evaluateLeft(event), evaluateRight(event))
  }
}

function constant(evaluate: Evaluate): Evaluate {
  try {
    const value = evaluate({ valueOf: () => undefined })
    return () => value
  } catch (reason) {
    // It may stand where it is never asked, so it is thrown when it is.
    if (reason === notBoolean) return evaluate
    throw reason
  }
}

function onOperand(operation: (value: Value) => Value, operand: Evaluate): Evaluate {
  return (event) => operation(operand(event))
}

/** From left to right up to the first operand that decides; undefined counts as false. */
function chain(decisive: boolean, operands: Evaluate[]): Evaluate {
  return (event) => {
    for (const operand of operands) {
      const value = operand(event)
      if (typeof value !== 'boolean' && value !== undefined) throw notBoolean
      if ((value === true) === decisive) return decisive
    }
    return !decisive
  }
}

/** A list of a thousand ids must not be walked for every event. Undefined for lists of lists, and what is no list. */
function scalarSet(list: Value): Set<Value> | undefined {
  if (!Array.isArray(list) || list.some((item) => typeof item === 'object')) return undefined
  return new Set(list)
}
