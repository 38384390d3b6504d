/** What a sent event becomes in an export, by the documentation alone: nothing here is shared with Penstock. */
import type { SentEvent } from './events.ts'

/** Numbers beyond this are milliseconds. */
const secondsMax = 1e11

export function sentTimeMs({ properties: { time } }: SentEvent): number {
  return time > secondsMax ? time : time * 1000
}

/** All but `mp_processing_time_ms`, which says when it came in. */
export function expectedEvent(sent: SentEvent): { event: string; properties: object } {
  const { ip: _removed, ...properties } = sent.properties
  const timeMs = sentTimeMs(sent)
  return {
    event: sent.event,
    properties: {
      ...properties,
      time: Math.floor(timeMs / 1000),
      ...(timeMs % 1000 !== 0 && { mp_event_time_ms: timeMs }),
    },
  }
}

/** Events with the same identity are one event, however often they were sent. */
export function sentIdentity(sent: SentEvent): string {
  return identity(sent.event, sentTimeMs(sent), sent.properties.distinct_id, sent.properties.$insert_id)
}

export function identity(event: string, timeMs: number, distinctId: string, insertId: string): string {
  return JSON.stringify([event, timeMs, distinctId, insertId])
}

/** The calendar date of an instant in a time zone, `YYYY-MM-DD`. */
export function createDateOf(timeZone: string): (timeMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return (timeMs) => {
    const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, value]))
    return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`
  }
}
