import type { FindPlace } from '../../places/find-place.ts'
import type { BatchBuilder } from './batch-builder.ts'
import {
  type CheckedEvent,
  checkEvent,
  type EventObject,
  type EventRules,
  isProblem,
  notJson,
} from './check-event.ts'
import { dedupKey, eventIdentity } from './dedup-key.ts'
import { eventLine } from './event-line.ts'
import { type EventProblem, type FailedRecord, failedRecord } from './event-problem.ts'
import { isTooLarge, tooLarge } from './event-size.ts'
import type { Records } from './records.ts'

/** A checked event, ready for a batch. */
export interface ReadyEvent {
  name: string
  timeMs: number
  line: string
  key: string
  /** `properties.token`, as it was sent. */
  token: unknown
}

export interface TakeOptions {
  rules: EventRules
  nowMs: number
  /** For events that came without a $insert_id, where the rules allow that. */
  newInsertId(): string
  /** Undefined where the operator gives no database of places. */
  findPlace: FindPlace | undefined
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
    const taken = takeRecord(record, () => records.exact(index), options)
    if ('message' in taken) failed.push(failedRecord(index, record, taken))
    else accept(taken, index)
  }
  return failed
}

/**
 * Checks one record.
 * @param record as JSON.parse gave it, the caller's own; undefined where it is not JSON
 * @param exact the record with every digit of its numbers kept; undefined where `record` has lost none
 */
export function takeRecord(
  record: unknown,
  exact: () => unknown,
  options: TakeOptions,
): ReadyEvent | EventProblem {
  if (record === undefined) return notJson
  const checked = checkEvent(record, options.rules)
  if (isProblem(checked)) return checked
  const whole = exact() as EventObject | undefined
  if (whole === undefined) return ready(checked, options)
  // Digits that a double dropped have not been measured yet.
  return isTooLarge(whole) ? tooLarge : ready({ event: whole, timeMs: checked.timeMs }, options)
}

function ready({ event, timeMs }: CheckedEvent, options: TakeOptions): ReadyEvent {
  const { event: name, properties } = event
  properties.$insert_id ??= options.newInsertId()
  const identity = eventIdentity(name, timeMs, properties.distinct_id, properties.$insert_id)
  return {
    name,
    timeMs,
    line: eventLine(event, timeMs, options.nowMs, options.findPlace?.(properties.ip)),
    key: dedupKey(identity),
    token: properties.token,
  }
}

export function addEvent(builder: BatchBuilder, { name, timeMs, line, key }: ReadyEvent): void {
  builder.lines.appendText(line)
  builder.add(builder.names.indexOf(name), timeMs, key)
}
