import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Bars } from '../parts/bars.tsx'
import { Mark } from '../parts/mark.tsx'
import { useProject } from '../shell/current-project.ts'
import { useTitle } from '../shell/use-title.ts'
import { count, counted } from '../words/amounts.ts'
import { EventList } from './event-list.tsx'
import { EventsNav } from './events-nav.tsx'
import { Refusals } from './refusals.tsx'
import { type Live, useLive } from './use-live.ts'

const ratePlaces = 60

/** What arrives now, and what is refused and why. */
export function LivePage() {
  const { projectId, name } = useProject()
  const live = useLive(projectId)
  const [held, setHeld] = useState<Live>()
  const shown = held ?? live
  useTitle(`Live events of ${name}`)
  return (
    <div className="stack">
      <h1>Events</h1>
      <EventsNav />
      <section className="card arriving" aria-labelledby="arriving">
        <header>
          <h2 id="arriving">Arriving</h2>
          <span className="button-row">
            <output>
              <StreamMark stream={live.stream} />
            </output>
            <button
              type="button"
              aria-pressed={held !== undefined}
              onClick={() => setHeld(held ? undefined : live)}
            >
              {held === undefined ? 'Hold' : 'Go on'}
            </button>
          </span>
        </header>
        <div className="body stack">
          <div className="rates num">
            <p>
              <strong>{counted(shown.arrived, 'event')}</strong> since you look
            </p>
            <Bars
              values={shown.rates}
              places={ratePlaces}
              label={`Events in each of the last seconds, at most ${count(Math.max(0, ...shown.rates))}`}
            />
          </div>
          {shown.newest.length === 0 ? <Nothing live={live} /> : <EventList events={shown.newest} />}
        </div>
      </section>
      <Refusals refusals={shown.refusals} />
    </div>
  )
}

function StreamMark({ stream }: { stream: Live['stream'] }) {
  if (stream === 'open') return <Mark tone="busy">live</Mark>
  return stream === 'over' ? <Mark tone="bad">signed out</Mark> : <Mark tone="warn">connecting</Mark>
}

function Nothing({ live: { hello } }: { live: Live }) {
  const { projectId } = useProject()
  if (hello === undefined) return <p className="soft">Waiting for the server…</p>
  if (hello.has_events) {
    const last = hello.last_arrival_at?.slice(0, 19).replace('T', ' ')
    return (
      <p className="soft">
        Nothing has arrived since you opened this page
        {last !== undefined && `; the last events came in ${last} UTC`}.
      </p>
    )
  }
  return (
    <p className="soft">
      This project has no event yet.{' '}
      <Link to="/console/projects/$projectId/sdk" params={{ projectId }}>
        Send the first one
      </Link>
      .
    </p>
  )
}
