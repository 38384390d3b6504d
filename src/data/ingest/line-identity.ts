import { eventIdentity } from './dedup-key.ts'

/** The identity of a stored event line: the same text that its dedup key was made from. */
export function lineIdentity(line: Uint8Array): string {
  const { event, properties } = JSON.parse(new TextDecoder().decode(line))
  const timeMs = properties.mp_event_time_ms ?? properties.time * 1000
  return eventIdentity(event, timeMs, properties.distinct_id, properties.$insert_id)
}
