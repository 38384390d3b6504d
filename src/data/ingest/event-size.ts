/** Bounds an event's size and shape. They also bound the recursion of what later walks it. */
import { type EventProblem, eventProblem } from './event-problem.ts'
import { eventBytesLimit, levelsMax, membersLimit } from './limits.ts'

type JsonObject = Record<string, unknown>

/** JSON spells a character in at most this many bytes, as \u001f. */
const bytesPerCharacterMax = 6
/** No number, boolean or null is longer. */
const otherValueCharacters = 32
/** Quotes, colon and comma of a member, as characters. */
const punctuationCharacters = 2

/** `event` must be parsed JSON whose `properties` is `properties`. */
export function checkSize(event: JsonObject, properties: JsonObject): EventProblem | undefined {
  const keys = Object.keys(properties)
  if (keys.length >= membersLimit) {
    return eventProblem('properties', `must have fewer than ${membersLimit} properties`)
  }
  const measure = { characters: 0 }
  const problem =
    checkMembers(properties, keys, 'properties.', measure) ??
    checkMembers(event, otherKeys(event), '', measure)
  return problem ?? checkBytes(event, measure.characters)
}

/** Top-level keys beside the two that every event has. */
export function otherKeys(event: JsonObject): string[] {
  return Object.keys(event).filter((key) => key !== 'event' && key !== 'properties')
}

function checkMembers(
  object: JsonObject,
  keys: string[],
  prefix: string,
  measure: Measure,
): EventProblem | undefined {
  for (const key of keys) {
    const fault = walk(object[key], 0, 0, measure)
    measure.characters += key.length + punctuationCharacters
    if (fault !== undefined) return eventProblem(prefix + key.slice(0, 255), fault)
  }
  return undefined
}

/** Characters of what was walked: six times as many bytes are never too few for its JSON. */
interface Measure {
  characters: number
}

/** Says what is allowed where `value` is not. `objects` and `arrays` are the levels that lie around it. */
function walk(value: unknown, objects: number, arrays: number, measure: Measure): string | undefined {
  measure.characters += punctuationCharacters
  if (typeof value === 'string') measure.characters += value.length
  else if (typeof value !== 'object' || value === null) measure.characters += otherValueCharacters
  else if (Array.isArray(value)) return walkArray(value, objects, arrays + 1, measure)
  else return walkObject(value as JsonObject, objects + 1, arrays, measure)
  return undefined
}

function walkArray(array: unknown[], objects: number, arrays: number, measure: Measure): string | undefined {
  if (array.length >= membersLimit) return `arrays must have fewer than ${membersLimit} elements`
  if (arrays > levelsMax) return `arrays must not be nested more than ${levelsMax} levels deep`
  for (const element of array) {
    const fault = walk(element, objects, arrays, measure)
    if (fault !== undefined) return fault
  }
  return undefined
}

function walkObject(
  object: JsonObject,
  objects: number,
  arrays: number,
  measure: Measure,
): string | undefined {
  const keys = Object.keys(object)
  if (keys.length >= membersLimit) return `nested objects must have fewer than ${membersLimit} keys`
  if (objects > levelsMax) return `objects must not be nested more than ${levelsMax} levels deep`
  for (const key of keys) {
    measure.characters += key.length
    const fault = walk(object[key], objects, arrays, measure)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Only an event that may be too large is written out to be measured. */
function checkBytes(event: JsonObject, characters: number): EventProblem | undefined {
  if (characters * bytesPerCharacterMax < eventBytesLimit / 2) return undefined
  return isTooLarge(event) ? tooLarge : undefined
}

/** Measures the event as JSON without spaces. */
export function isTooLarge(event: JsonObject): boolean {
  return Buffer.byteLength(JSON.stringify(event)) >= eventBytesLimit
}

export const tooLarge = eventProblem(
  'event',
  `each event must be smaller than ${eventBytesLimit} bytes of JSON`,
)
