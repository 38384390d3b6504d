/** A set of events that the bench works on. */

export interface BenchEvent {
  event: string
  properties: { time: number; distinct_id: string; $insert_id: string; [name: string]: unknown }
}

export interface EventSet {
  name: 'seeded' | 'access-log'
  /** Every name that comes up. */
  eventNames: readonly string[]
  /** A common, a middling and a rare name: what a selection exports. */
  selectedNames: readonly string[]
  /** Conditions that about a tenth of the events meet: on a text, and on a number. */
  conditions: { text: Condition; number: Condition }
  /** Event number `serial`, at that second: the same numbers always make the same event, and no two share an id. */
  make(serial: number, timeSeconds: number): BenchEvent
}

/** One condition in the languages of those who select by it. */
interface Condition {
  /** A segmentation expression. */
  where: string
  /** DuckDB's, over a line named `json`. */
  sql: string
  isMet(event: BenchEvent): boolean
}

/** Which events of a day an export takes; all where nothing is said. */
export interface Selection {
  events?: readonly string[]
  /** The `where` of one of the set's conditions. */
  where?: string
}

/** As it is sent and as it is exported, the stamp of the time when it came in aside. */
export function lineOf(event: BenchEvent): string {
  return JSON.stringify(event)
}
