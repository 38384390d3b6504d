import { type EventProblem, eventProblem } from './event-problem.ts'
import { insertIdBytesMax } from './limits.ts'

/** Texts that say "no id": each would make one user, or one duplicate, of many. */
export const placeholders: ReadonlySet<string> = new Set([
  '00000000-0000-0000-0000-000000000000',
  'anon',
  'anonymous',
  'nil',
  'none',
  'null',
  'n/a',
  'na',
  'undefined',
  'unknown',
  '<nil>',
  '0',
  '-1',
  'true',
  'false',
  '[]',
  '{}',
])

const letters = /^[A-Za-z0-9-]+$/
const distinctIdAllowed =
  'must be a string (the empty string for nobody) or a number that identifies the user; placeholders such as ' +
  'anonymous, null, undefined, 0, -1 and the all-zero UUID are refused'
const insertIdAllowed =
  `must be a string of 1 to ${insertIdBytesMax} letters, digits and hyphens that is the event's own; placeholders ` +
  'such as anonymous, null, undefined, 0, -1 and the all-zero UUID are refused'

export function checkDistinctId(id: unknown, required: boolean): EventProblem | undefined {
  if (id === undefined && !required) return undefined
  const valid =
    typeof id === 'string'
      ? !placeholders.has(id)
      : typeof id === 'number' && Number.isFinite(id) && id !== 0 && id !== -1
  return valid ? undefined : eventProblem('properties.distinct_id', distinctIdAllowed)
}

export function checkInsertId(id: unknown, required: boolean): EventProblem | undefined {
  if (id === undefined && !required) return undefined
  const valid =
    typeof id === 'string' && id.length <= insertIdBytesMax && letters.test(id) && !placeholders.has(id)
  return valid ? undefined : eventProblem('properties.$insert_id', insertIdAllowed)
}
