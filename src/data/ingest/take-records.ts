import {
  type CheckedEvent,
  checkEvent,
  type EventObject,
  type EventRules,
  isProblem,
  notJson,
} from './check-event.ts'
import { type DedupHash, eventIdentity } from './dedup-key.ts'
import { eventLine } from './event-line.ts'
import { type EventProblem, type FailedRecord, failedRecord } from './event-problem.ts'
import { isTooLarge, tooLarge } from './event-size.ts'
import type { Records } from './records.ts'

/** A checked event, ready for a batch. */
export interface ReadyEvent {
  name: string
  timeMs: number
  line: string
  key: Uint8Array
  /** `properties.token`, as it was sent. */
  token: unknown
}

export interface TakeOptions {
  rules: EventRules
  nowMs: number
  hash: DedupHash
  /** For events that came without a $insert_id, where the rules allow that. */
  newInsertId(): string
}

/** Checks each record, gives `accept` those that pass, and returns the others with what is wrong. */
export function takeRecords(
  records: Records,
  options: TakeOptions,
  accept: (event: ReadyEvent, index: number) => void,
): FailedRecord[] {
  const failed: FailedRecord[] = []
  for (let index = 0; index < records.count; index++) {
    const record = records.value(index)
    const checked = check(records, index, record, options.rules)
    if (isProblem(checked)) failed.push(failedRecord(index, record, checked))
    else accept(ready(checked, options), index)
  }
  return failed
}

function check(
  records: Records,
  index: number,
  record: unknown,
  rules: EventRules,
): CheckedEvent | EventProblem {
  if (record === undefined) return notJson
  const checked = checkEvent(record, rules)
  if (isProblem(checked)) return checked
  const exact = records.exact(index) as EventObject | undefined
  if (exact === undefined) return checked
  // Digits that a double dropped have not been measured yet.
  return isTooLarge(exact) ? tooLarge : { event: exact, timeMs: checked.timeMs }
}

function ready({ event, timeMs }: CheckedEvent, options: TakeOptions): ReadyEvent {
  const { event: name, properties } = event
  properties.$insert_id ??= options.newInsertId()
  const identity = eventIdentity(name, timeMs, properties.distinct_id, properties.$insert_id)
  return {
    name,
    timeMs,
    line: eventLine(event, timeMs, options.nowMs),
    key: options.hash(identity),
    token: properties.token,
  }
}
