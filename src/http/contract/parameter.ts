import { z } from 'zod'
import { nearestName } from '../../config/nearest-name.ts'

/** The longest part of a value that an error shows of it. */
const shownLengthMax = 80

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text
}

/** A parameter that is given at most once. `rule` finishes the sentence "<name> …". */
export function textParameter(name: string, rule: string) {
  return z.string({
    error: ({ input }) => {
      if (Array.isArray(input)) return `${name} was given ${input.length} times; give it once`
      return input === undefined ? `${name} is missing: it ${rule}` : `${name} ${rule}`
    },
  })
}

/** The parameters of a call. Any other name is refused, with the one that was probably meant. */
export function parametersOf<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownParameters(issue.keys, names) : undefined),
  })
}

function unknownParameters(unknown: readonly string[], names: readonly string[]): string {
  const [first = ''] = unknown
  const near = nearestName(first, names)
  const hint = near === undefined ? `the parameters are ${names.join(', ')}` : `did you mean ${near}?`
  return `${shown(first)} is not a parameter of this call; ${hint}`
}

/** A text parameter that must pass a check; `problem` finishes the sentence "<name> "<value>" …". */
export function checkedParameter(name: string, rule: string, problem: (value: string) => string | undefined) {
  return textParameter(name, rule).check((context) => {
    const found = problem(context.value)
    if (found !== undefined) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `${name} ${shown(context.value)} ${found}`,
      })
    }
  })
}

/** A parameter with a few allowed values. */
export function choiceParameter<const Value extends string>(
  name: string,
  values: readonly [Value, ...Value[]],
) {
  const allowed = values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`
  return z.enum(values, {
    error: ({ input }) => {
      if (Array.isArray(input)) return `${name} was given ${input.length} times; give it once`
      return input === undefined ? `${name} is missing: it ${allowed}` : `${name} ${shown(input)} ${allowed}`
    },
  })
}

export const dateRule = 'must be a date like 2024-01-31 (YYYY-MM-DD)'

/** A calendar date. */
export function dateParameter(name: string) {
  return checkedParameter(name, dateRule, (value) => (isDate(value) ? undefined : dateRule))
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  // An impossible day like 30 February rolls over into another.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

export function flagParameter(name: string) {
  return spelledFlag(choiceParameter(name, ['true', 'false']).optional())
}

const pythonFlags: Record<string, string> = { True: 'true', False: 'false' }

/** As clients in Python spell it, too: in a form, `requests` makes `False` of a dict's False. */
export function spelledFlag<Flag extends z.ZodType>(flag: Flag) {
  return z.preprocess(
    (value) => (typeof value === 'string' && Object.hasOwn(pythonFlags, value) ? pythonFlags[value] : value),
    flag,
  )
}
