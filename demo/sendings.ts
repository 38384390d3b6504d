/** Who sends which events when: not in order, and some of them twice, as it happens. */
import type { MadeEvents, SentEvent } from './events.ts'
import { createRandom } from './random.ts'

export interface Sendings {
  /** Requests to /import. */
  imports: SentEvent[][]
  /** Requests to /track. Their events carry the project's token. */
  tracks: SentEvent[][]
}

const importBatch = 2000
const trackBatch = 50
/** Clients may send events of the last five days; here they send those of the last two, and today's. */
const trackedDays = 2
const trackedShare = 0.3
const lateShare = 0.05
const repeatedShare = 0.02

export function planSendings(made: MadeEvents, token: string): Sendings {
  const random = createRandom(7)
  const imported: SentEvent[] = []
  const late: SentEvent[] = []
  const tracked: SentEvent[] = []
  for (const [index, events] of made.past.entries()) {
    const clients = index >= made.past.length - trackedDays
    for (const event of events) {
      if (clients && random.next() < trackedShare) tracked.push(event)
      else (random.next() < lateShare ? late : imported).push(event)
    }
  }
  const repeat = (events: SentEvent[]): SentEvent[] =>
    events.flatMap((event) => (random.next() < repeatedShare ? [event, event] : [event]))
  const imports = cut(repeat([...imported, ...late]), importBatch)
  return {
    // A sender that did not get its answer sends the whole request again.
    imports: [...imports, ...imports.slice(0, 1)],
    tracks: cut(repeat([...tracked, ...made.today].map((event) => withToken(event, token))), trackBatch),
  }
}

function withToken(event: SentEvent, token: string): SentEvent {
  return { event: event.event, properties: { ...event.properties, token } }
}

function cut(events: SentEvent[], size: number): SentEvent[][] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, index) =>
    events.slice(index * size, (index + 1) * size),
  )
}
