/** Events of many days as small requests, which can be sent in any order. */
import { openEventSet } from './event-sets.ts'
import { type MadeBody, makeBody } from './make-body.ts'
import { Random } from './random.ts'

export interface HistorySpec {
  requests: number
  eventsPerRequest: number
  /** Over which the requests are spread evenly; `from` is the first, `YYYY-MM-DD`. */
  days: number
  from: string
}

export interface History {
  /** `YYYY-MM-DD`, inclusive. */
  to: string
  /** The requests one day after the other, or in random order; the same bodies either way. */
  bodies(order: 'days' | 'random'): Generator<MadeBody>
}

const seed = 20_261_125
const daySeconds = 86_400

export function openHistory({ requests, eventsPerRequest, days, from }: HistorySpec): History {
  const set = openEventSet('seeded')
  const events = requests * eventsPerRequest
  const start = Date.parse(from) / 1000
  const timeOf = (serial: number): number => start + Math.floor((serial / events) * days * daySeconds)
  return {
    to: new Date((start + (days - 1) * daySeconds) * 1000).toISOString().slice(0, 10),
    bodies: function* (order) {
      const places = Array.from({ length: requests }, (_, place) => place)
      for (const place of order === 'random' ? shuffled(places) : places)
        yield makeBody(set, place * eventsPerRequest, eventsPerRequest, timeOf)
    },
  }
}

/** By Fisher and Yates, the same each time. */
function shuffled(places: number[]): number[] {
  const random = new Random(seed, 0)
  const result = [...places]
  for (let end = result.length - 1; end > 0; end--) {
    const other = random.below(end + 1)
    const place = result[end] as number
    result[end] = result[other] as number
    result[other] = place
  }
  return result
}
