import { useState } from 'react'
import type { LiveArrivals, LiveHello, LiveRefusals, Refusal } from '../api/answers.ts'
import { withQuery } from '../api/request.ts'
import { type StreamState, useServerEvents } from '../api/server-events.ts'
import type { ListedEvent } from './event-list.tsx'

export interface Live {
  stream: StreamState
  hello: LiveHello | undefined
  /** Events that arrived since the page was opened. */
  arrived: number
  /** Events a second, one number a second, the newest last. */
  rates: number[]
  newest: ListedEvent[]
  /** The newest first. */
  refusals: Refusal[]
}

const newestMax = 100
const ratesMax = 60

interface Seen extends Omit<Live, 'stream' | 'refusals'> {
  refusals: Map<string, Refusal>
  nextId: number
}

const nothing: Seen = { hello: undefined, arrived: 0, rates: [], newest: [], refusals: new Map(), nextId: 0 }

/** What a project's clients send at this moment, and what is refused. Bounded, however much comes. */
export function useLive(projectId: string): Live {
  const [seen, setSeen] = useState(nothing)
  const stream = useServerEvents(withQuery('/api/2.0/live', { project_id: projectId }), {
    hello: (hello: LiveHello) => setSeen((before) => ({ ...before, hello })),
    arrivals: (arrivals: LiveArrivals) => setSeen((before) => withArrivals(before, arrivals)),
    refusals: (told: LiveRefusals) => setSeen((before) => withRefusals(before, told)),
  })
  const refusals = [...seen.refusals.values()].sort((a, b) => b.last_at.localeCompare(a.last_at))
  return { ...seen, stream, refusals }
}

function withArrivals(seen: Seen, { events, sample }: LiveArrivals): Seen {
  const arrived = sample.map((event, index) => ({ id: seen.nextId + index, event }))
  return {
    ...seen,
    arrived: seen.arrived + events,
    rates: [...seen.rates, events].slice(-ratesMax),
    newest: [...arrived, ...seen.newest].slice(0, newestMax),
    nextId: seen.nextId + sample.length,
  }
}

function withRefusals(seen: Seen, { refusals }: LiveRefusals): Seen {
  const all = [...seen.refusals, ...refusals.map((refusal): [string, Refusal] => [refusal.id, refusal])]
  return { ...seen, refusals: new Map(all.slice(-newestMax)) }
}
