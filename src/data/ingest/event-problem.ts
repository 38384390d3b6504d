/** Why one event is refused: the field at fault and a sentence that says what is allowed. */
export interface EventProblem {
  field: string
  message: string
}

export function eventProblem(field: string, allowed: string): EventProblem {
  return { field, message: `'${field}' is invalid: ${allowed}` }
}

/** A refused event as /import lists it. */
export interface FailedRecord {
  index: number
  $insert_id: string
  field: string
  message: string
}

/** Longer ids would only echo a client's mistake back at it. */
const echoedIdLengthMax = 255

export function failedRecord(index: number, event: unknown, problem: EventProblem): FailedRecord {
  return { index, $insert_id: insertIdOf(event), field: problem.field, message: problem.message }
}

function insertIdOf(event: unknown): string {
  const properties = memberOf(event, 'properties')
  const insertId = memberOf(properties, '$insert_id')
  return typeof insertId === 'string' ? insertId.slice(0, echoedIdLengthMax) : ''
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
