/**
 * The rules for one event. Hand-written, the one border that no schema library guards: it is the hot path, and its
 * answers name the field and what is allowed.
 */
import { checkDistinctId, checkInsertId } from './event-ids.ts'
import { type EventProblem, eventProblem } from './event-problem.ts'
import { checkSize } from './event-size.ts'
import { readEventTime, type TimeRules } from './event-time.ts'
import { eventNameLengthMax } from './limits.ts'

export interface EventObject {
  event: string
  properties: Record<string, unknown>
  [key: string]: unknown
}

export interface EventRules {
  time: TimeRules
  /** /import wants both ids on each event; /track makes up what is missing. */
  idsRequired: boolean
  /** /track finds the project by `properties.token`. */
  tokenRequired: boolean
}

export interface CheckedEvent {
  event: EventObject
  /** Whole milliseconds since the epoch. */
  timeMs: number
}

const shapeAllowed = 'each record must be a JSON object with "event" and "properties"'
const nameAllowed = `must be a string of 1 to ${eventNameLengthMax} characters, without NUL characters and unpaired surrogates`

/** Says that two ids are one user. In the reference it has neither a time nor ids of its own, on /import too. */
const mergeName = '$merge'

/** `record` is one record as JSON.parse gave it. */
export function checkEvent(record: unknown, requestRules: EventRules): CheckedEvent | EventProblem {
  if (!isObject(record)) return eventProblem('event', shapeAllowed)
  const { event: name, properties } = record
  if (!isEventName(name)) return eventProblem('event', nameAllowed)
  if (!isObject(properties)) return eventProblem('properties', 'must be a JSON object')
  const rules = name === mergeName ? withoutRequired(requestRules) : requestRules
  const timeMs = readEventTime(properties.time, rules.time)
  if (typeof timeMs === 'string') return eventProblem('properties.time', timeMs)
  const problem =
    checkDistinctId(properties.distinct_id, rules.idsRequired) ??
    checkInsertId(properties.$insert_id, rules.idsRequired) ??
    (rules.tokenRequired ? checkToken(properties.token) : undefined) ??
    checkSize(record, properties)
  return problem ?? { event: record as EventObject, timeMs }
}

/** A record of newline-delimited JSON that does not parse. */
export const notJson = eventProblem('event', 'the line is not valid JSON; send one JSON object a line')

export function isProblem(checked: CheckedEvent | EventProblem): checked is EventProblem {
  return 'message' in checked
}

function withoutRequired(rules: EventRules): EventRules {
  return { ...rules, time: { ...rules.time, required: false }, idsRequired: false }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names go into the index, whose database takes neither NUL nor half a character. */
function isEventName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !name.isWellFormed()) return false
  return name.length <= eventNameLengthMax || [...name.slice(0, 1024)].length <= eventNameLengthMax
}

function checkToken(token: unknown): EventProblem | undefined {
  if (typeof token === 'string' && token !== '') return undefined
  return eventProblem('properties.token', 'must be the token of a project here')
}
