import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { recentEventsQuery } from '../api/event-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Field } from '../parts/field.tsx'
import { Loading } from '../parts/loading.tsx'
import { useProject } from '../shell/current-project.ts'
import { useTitle } from '../shell/use-title.ts'
import { EventList, listed } from './event-list.tsx'
import { EventsNav } from './events-nav.tsx'
import { SearchSpan } from './search-span.tsx'

const route = '/console/projects/$projectId/events/users'

/** The last events of one user. */
export function UsersPage() {
  const { user } = useSearch({ from: route })
  const navigate = useNavigate({ from: route })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    void navigate({ search: { user: String(new FormData(event.currentTarget).get('distinct_id')) } })
  }
  useTitle('Events of one user')
  return (
    <div className="stack">
      <h1>Events</h1>
      <EventsNav />
      <form className="card" onSubmit={submit}>
        <div className="body stack">
          <Field
            label="distinct_id"
            name="distinct_id"
            defaultValue={user ?? ''}
            required
            mono
            hint="As the events have it, upper and lower case included."
          />
          <div className="button-row">
            <button type="submit" className="primary">
              Find the last events
            </button>
          </div>
        </div>
      </form>
      {user !== undefined && <Found key={user} user={user} />}
    </div>
  )
}

function Found({ user }: { user: string }) {
  const { projectId } = useProject()
  const [toDate, setToDate] = useState<string>()
  const found = useQuery(recentEventsQuery(projectId, user, toDate))
  if (found.isPending) return <Loading what={`the last events of ${user}`} />
  if (found.isError) return <Failure failure={found.error} again={found.refetch} />
  return (
    <section className="card" aria-label={`Events of ${user}`}>
      <header>
        <h2 className="mono break">{user}</h2>
        <SearchSpan answer={found.data} onEarlier={setToDate} />
      </header>
      <EventList events={listed(found.data.events)} />
    </section>
  )
}
