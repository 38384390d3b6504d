import { z } from 'zod'
import { shown } from '../contract/parameter.ts'
import { badRequest } from './request-error.ts'

/** Parameters by name: a text, or a list where the name was given several times. */
export type Parameters = Record<string, string | string[]>

type Pair = [name: string, value: string]

/** Name-value pairs of a form or a query, in their order. */
export function readForm(text: string, where: 'body' | 'query'): Pair[] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=')
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return [decode(name, where), decode(value, where)]
    })
}

function decode(text: string, where: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw badRequest(`the ${where} must be percent-encoded UTF-8; ${shown(text)} is not`)
  }
}

const jsonValue = z.union([z.string(), z.number(), z.boolean(), z.null()])
// Not a record: that would drop a `__proto__` in silence.
const jsonBody = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)

/** Name-value pairs of a JSON object: a list counts as its values one by one, null and an empty list as empty. */
export function readJson(text: string): Pair[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw badRequest('the body is not valid JSON; send an object of parameters, or a form')
  }
  const body = jsonBody.safeParse(parsed)
  if (!body.success) throw badRequest('the body must be a JSON object of parameters, like {"type": "s3-raw"}')
  return Object.entries(body.data).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value]
    return (values.length === 0 ? [null] : values).map((item): Pair => {
      const scalar = jsonValue.safeParse(item)
      if (!scalar.success)
        throw badRequest(`${shown(name)} must be a text, a number, true or false, or a list of them`)
      return [name, scalar.data === null ? '' : String(scalar.data)]
    })
  })
}

/**
 * Gathers pairs into parameters. An empty value counts as absent: forms and scripts send what they have no value for.
 * The same project_id in the query and in the body is one.
 * @param clearable parameters of which an empty value is one
 */
export function gatherParameters(pairs: readonly Pair[], clearable: readonly string[] = []): Parameters {
  // A Map, because any name may come, those of Object's own properties too.
  const gathered = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    refuseUnstorable(name, value)
    if (value === '' && !clearable.includes(name)) continue
    const values = gathered.get(name) ?? []
    if (name === 'project_id' && values.includes(value)) continue
    gathered.set(name, [...values, value])
  }
  return Object.fromEntries([...gathered].map(([name, values]) => [name, one(values)]))
}

function one(values: string[]): string | string[] {
  const [first] = values
  return values.length === 1 && first !== undefined ? first : values
}

/** PostgreSQL keeps neither NUL nor half a character, so nothing can be named by them. */
function refuseUnstorable(name: string, value: string): void {
  // The one name that schemas pass over.
  if (name === '__proto__') throw badRequest('"__proto__" is not a parameter of any call')
  for (const text of [name, value]) {
    if (text.includes('\0') || !text.isWellFormed()) {
      throw badRequest(`${shown(name)} must be valid Unicode text without the character U+0000`)
    }
  }
}
