/** In which order a day's events arrive, and which of them arrive twice. */

/**
 * `once`: none. `spread`: one event in a hundred comes again a few thousand events later, as from clients that send again
 * by themselves. `few`: one hundredth of the day comes again as a whole, as from a batch job that was run twice.
 */
export type Repeats = 'once' | 'spread' | 'few'

export interface Arrival {
  /** Distinct event; 0 is the day's first. */
  serial: number
  isRepeat: boolean
}

/** A repeat stands after each so many events. */
const block = 100
/** How far back a repeated event lies. */
const repeatDistance = 3950

/** Events that arrive in all. */
export function arrivalCount(repeats: Repeats, events: number): number {
  return events + repeatCount(repeats, events)
}

/** The event that arrives at `place`. */
export function arrivalAt(repeats: Repeats, events: number, place: number): Arrival {
  if (repeats === 'spread') return spreadAt(events, place)
  if (repeats === 'few') return fewAt(events, place)
  return { serial: place, isRepeat: false }
}

function repeatCount(repeats: Repeats, events: number): number {
  return repeats === 'once' ? 0 : Math.floor(events / block)
}

function spreadAt(events: number, place: number): Arrival {
  const blocks = Math.floor(events / block)
  const index = Math.floor(place / (block + 1))
  const within = place % (block + 1)
  if (index >= blocks) return { serial: place - blocks, isRepeat: false }
  if (within < block) return { serial: index * block + within, isRepeat: false }
  // The first events have nothing so far behind them: they repeat the first of their own block.
  const back = index * block - repeatDistance
  return { serial: back >= 0 ? back : index * block, isRepeat: true }
}

function fewAt(events: number, place: number): Arrival {
  const count = repeatCount('few', events)
  const start = Math.floor(events / 2)
  const repeatsFrom = start + count
  if (place < repeatsFrom) return { serial: place, isRepeat: false }
  if (place < repeatsFrom + count) return { serial: place - count, isRepeat: true }
  return { serial: place - count, isRepeat: false }
}
