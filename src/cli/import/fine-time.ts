import { parseKeepingDigits } from '../../exact-numbers/exact-numbers.ts'
import type { EventText } from './event-text.ts'

const fineTime = '"mp_event_time_ms"'

/**
 * What Penstock has exported says whole seconds in `time`, and beside it, where the event's time was finer, the milliseconds. A
 * server takes that stamp of nobody, so an event of such a file is sent with the time that it came with: it is stored as it
 * was, and where it is stored already it is the same event.
 * @param event whose text is valid JSON
 */
export function withFineTime(event: EventText): EventText {
  if (!event.text.includes(fineTime)) return event
  const record = parseKeepingDigits(event.text.toString('utf8')) as { properties?: Record<string, unknown> }
  const { properties } = record
  if (typeof properties !== 'object' || properties === null) return event
  const { time, mp_event_time_ms: timeMs } = properties
  if (!Number.isSafeInteger(timeMs) || Math.floor(Number(timeMs) / 1000) !== time) return event
  properties.time = timeMs
  return { ...event, text: Buffer.from(JSON.stringify(record)) }
}
