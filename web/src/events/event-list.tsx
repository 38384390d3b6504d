import './events.css'
import type { StoredEvent } from '../api/answers.ts'

export interface ListedEvent {
  /** Stays the same while others come and go. */
  id: number
  event: StoredEvent
}

/** Events as they are stored: name, time and user in a line, all properties when opened. */
export function EventList({ events }: { events: ListedEvent[] }) {
  return (
    <ul className="event-list">
      {events.map(({ id, event }) => (
        <li key={id}>
          <details>
            <summary>
              <strong className="break">{event.event}</strong>
              <span className="num soft nowrap">{timeOf(event)}</span>
              <code className="break">{String(event.properties.distinct_id ?? '')}</code>
            </summary>
            <dl className="facts">
              {Object.entries(event.properties).map(([name, value]) => (
                <div key={name}>
                  <dt className="break">{name}</dt>
                  <dd className="break mono">{JSON.stringify(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        </li>
      ))}
    </ul>
  )
}

/** The events of one answer, by their places in it. */
export function listed(events: StoredEvent[]): ListedEvent[] {
  return events.map((event, id) => ({ id, event }))
}

/** In UTC, as the property itself is. */
function timeOf({ properties: { time } }: StoredEvent): string {
  if (typeof time !== 'number') return ''
  return `${new Date(time * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
