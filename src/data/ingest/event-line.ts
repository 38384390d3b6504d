import type { Place } from '../../places/find-place.ts'
import type { EventObject } from './check-event.ts'
import { otherKeys } from './event-size.ts'

/**
 * The event line of a checked event: name first, then `properties` with its stamps, then what else was sent. Writes the
 * stamps into `event.properties`, which saves a copy of every event.
 */
export function eventLine(
  event: EventObject,
  timeMs: number,
  processedMs: number,
  place: Place | undefined,
): string {
  stamp(event.properties, timeMs, processedMs)
  if (place !== undefined) addPlace(event.properties, place)
  const name = JSON.stringify(event.event)
  return `{"event":${name},"properties":${JSON.stringify(event.properties)}${rest(event)}}\n`
}

function stamp(properties: Record<string, unknown>, timeMs: number, processedMs: number): void {
  properties.time = Math.floor(timeMs / 1000)
  // Undefined, not deleted: JSON leaves it out all the same, and a deleted key makes the object slow to write.
  const finer = timeMs % 1000 === 0 ? undefined : timeMs
  if (finer !== undefined || properties.mp_event_time_ms !== undefined) properties.mp_event_time_ms = finer
  properties.mp_processing_time_ms = processedMs
  // An address is personal data that a client sends to be turned into a place: it must not reach the export.
  if (properties.ip !== undefined) properties.ip = undefined
}

/** A client that says itself where it is knows better. */
function addPlace(properties: Record<string, unknown>, { city, region, countryCode }: Place): void {
  if (properties.$city === undefined) properties.$city = city
  if (properties.$region === undefined) properties.$region = region
  if (properties.mp_country_code === undefined) properties.mp_country_code = countryCode
}

function rest(event: EventObject): string {
  let text = ''
  for (const key of otherKeys(event)) text += `,${JSON.stringify(key)}:${JSON.stringify(event[key])}`
  return text
}
