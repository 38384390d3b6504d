import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { schemaQuery } from '../api/event-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { useProject } from '../shell/current-project.ts'
import { useTitle } from '../shell/use-title.ts'
import { counted } from '../words/amounts.ts'
import { DescribedEvent } from './described-event.tsx'
import { EventsNav } from './events-nav.tsx'

/** Which events there are, how many a day, with which properties of which types. */
export function SchemaPage() {
  const { projectId } = useProject()
  const schema = useQuery(schemaQuery(projectId))
  const [filter, setFilter] = useState('')
  const wanted = useDeferredValue(filter).trim().toLowerCase()
  const events = schema.data?.events.filter(
    ({ event, properties }) =>
      event.toLowerCase().includes(wanted) ||
      properties.some(({ name }) => name.toLowerCase().includes(wanted)),
  )
  useTitle('Schema')
  return (
    <div className="stack">
      <h1>Events</h1>
      <EventsNav />
      {schema.isPending && <Loading what="the events of the last days" />}
      {schema.isError && <Failure failure={schema.error} again={schema.refetch} />}
      {schema.data !== undefined && events !== undefined && (
        <section className="card" aria-label="Schema">
          <header>
            <input
              type="search"
              className="filter"
              aria-label="Filter by event or property"
              placeholder="Filter by event or property"
              value={filter}
              onChange={({ target }) => setFilter(target.value)}
            />
            <output className="soft num">
              {counted(events.length, 'event name')}, {schema.data.from_date} to {schema.data.to_date},{' '}
              {schema.data.timezone}
              {schema.data.truncated && '; there are more than are shown'}
            </output>
          </header>
          {schema.data.events.length === 0 && <p className="body soft">No event is of these days.</p>}
          <ul className="event-list">
            {events.map((described) => (
              <DescribedEvent
                key={described.event}
                described={described}
                from={schema.data.from_date}
                to={schema.data.to_date}
              />
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
