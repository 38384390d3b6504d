/**
 * Texts of which one at least stands in every line that an expression is true of. Whoever finds none of them in a line
 * need not read it.
 *
 * The line must have no backslash: with one, the same characters may be spelled in other ways.
 */
import { hasOtherName } from './compile-expression.ts'
import type { Expression, Literal } from './expression.ts'

/** Looking for more texts than this takes longer than reading the lines. */
const textsMax = 3

interface Needed {
  texts: string[]
  /** Texts of values are rarer than those of keys, which every event of a name may have. */
  ofValues: boolean
}

type MaybeNeeded = Needed | undefined

/** Undefined where lines need have nothing in particular, or one of too many texts. */
export function neededTexts(expression: Expression): string[] | undefined {
  return whereTrue(expression)?.texts
}

function whereTrue(expression: Expression): MaybeNeeded {
  switch (expression.kind) {
    case 'and':
      return best(expression.operands.map(whereTrue))
    case 'or':
      return union(expression.operands.map(whereTrue))
    case 'binary':
      return whereBinary(expression)
    case 'call':
      return expression.name === 'boolean' || expression.name === 'defined'
        ? whereDefined(expression.argument)
        : undefined
    case 'property':
    case 'event':
      return whereDefined(expression)
    default:
      return undefined
  }
}

function whereBinary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): MaybeNeeded {
  switch (operator) {
    case '==':
      return best([whereEqual(left, right), whereEqual(right, left)])
    case 'in':
      return best([whereMember(left, right), whereContained(left, right)])
    case '<':
    case '<=':
    case '>':
    case '>=':
      return best([whereDefined(left), whereDefined(right)])
    default:
      return undefined
  }
}

/** Nothing equals a literal that is not there. */
function whereEqual(one: Expression, other: Expression): MaybeNeeded {
  if (other.kind !== 'literal') return undefined
  return best([whereDefined(one), isRead(one) ? valueText(other.value) : undefined])
}

function whereMember(item: Expression, list: Expression): MaybeNeeded {
  if (list.kind !== 'literal' || !Array.isArray(list.value)) return undefined
  const texts = isRead(item) ? union(list.value.map(valueText)) : undefined
  return best([whereDefined(item), texts])
}

/** Part of a text, or one of a list: either way it stands in the line. */
function whereContained(part: Expression, whole: Expression): MaybeNeeded {
  if (part.kind !== 'literal' || typeof part.value !== 'string') return undefined
  const text = isRead(whole) && isPlain(part.value) ? { texts: [part.value], ofValues: true } : undefined
  return best([whereDefined(whole), text])
}

/** What stands in a line for which an expression has a value. */
function whereDefined(expression: Expression): MaybeNeeded {
  switch (expression.kind) {
    case 'property': {
      const { name } = expression
      return !isPlain(name) || hasOtherName(name) ? undefined : { texts: [`"${name}"`], ofValues: false }
    }
    case 'negative':
      return whereDefined(expression.operand)
    case 'binary':
      return ['+', '-', '*', '/', '%'].includes(expression.operator)
        ? best([whereDefined(expression.left), whereDefined(expression.right)])
        : undefined
    case 'call':
      // These two have a value whatever they are given.
      return expression.name === 'boolean' || expression.name === 'defined'
        ? undefined
        : whereDefined(expression.argument)
    default:
      return undefined
  }
}

/** Whether its value stands in the line as it is. */
function isRead(expression: Expression): boolean {
  return expression.kind === 'property' || (expression.kind === 'event' && expression.field !== '$time')
}

function valueText(value: Literal): MaybeNeeded {
  return typeof value === 'string' && isPlain(value) ? { texts: [`"${value}"`], ofValues: true } : undefined
}

/** Whether a text has but one spelling in a line without backslashes, and is long enough to be worth looking for. */
function isPlain(text: string): boolean {
  return text.length > 1 && JSON.stringify(text) === `"${text}"`
}

/** Each of them is needed, so one is enough to look for: the one that is likely the rarest. */
function best(choices: MaybeNeeded[]): MaybeNeeded {
  let found: MaybeNeeded
  for (const choice of choices) {
    if (choice !== undefined && (found === undefined || isRarer(choice, found))) found = choice
  }
  return found
}

function isRarer(one: Needed, other: Needed): boolean {
  if (one.ofValues !== other.ofValues) return one.ofValues
  if (one.texts.length !== other.texts.length) return one.texts.length < other.texts.length
  return shortest(one) > shortest(other)
}

function shortest({ texts }: Needed): number {
  return Math.min(...texts.map((text) => text.length))
}

/** One of them is needed, whichever. */
function union(choices: MaybeNeeded[]): MaybeNeeded {
  const texts = new Set<string>()
  let ofValues = true
  for (const choice of choices) {
    if (choice === undefined) return undefined
    for (const text of choice.texts) texts.add(text)
    ofValues &&= choice.ofValues
  }
  return texts.size > textsMax ? undefined : { texts: [...texts], ofValues }
}
