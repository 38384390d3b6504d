import { parseKeepingDigits } from '../../exact-numbers/exact-numbers.ts'
import type { EventObject } from './check-event.ts'
import { eventIdentity } from './dedup-key.ts'

/** The identity of a stored event line: the same text that its dedup key was made from. */
export function lineIdentity(line: Uint8Array): string {
  const text = new TextDecoder().decode(line)
  const { event, properties } = parseKeepingDigits(text) as EventObject
  const timeMs = Number(properties.mp_event_time_ms ?? Number(properties.time) * 1000)
  return eventIdentity(event, timeMs, properties.distinct_id, properties.$insert_id)
}

/** The name and the time of the event that an identity is of. */
export function eventOfIdentity(identity: string): { name: string; timeMs: number } {
  const [name, timeMs] = JSON.parse(identity) as [string, number]
  return { name, timeMs }
}
