import { openAccessLogEvents } from './access-log-events.ts'
import type { EventSet } from './event-set.ts'
import { seededEvents } from './seeded-events.ts'

const opened = new Map<EventSet['name'], EventSet>()

/** Reads a set's source once a thread. */
export function openEventSet(name: EventSet['name']): EventSet {
  const known = opened.get(name)
  if (known !== undefined) return known
  const set = name === 'seeded' ? seededEvents : openAccessLogEvents()
  opened.set(name, set)
  return set
}
