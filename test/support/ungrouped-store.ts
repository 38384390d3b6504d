import { systemClock } from '../../src/clock.ts'
import { createEventStore, type EventStore, type EventStoreDeps } from '../../src/data/store/event-store.ts'

type Given = Pick<EventStoreDeps, 'db' | 'blobs' | 'run' | 'partSizeBytes'> &
  Partial<Pick<EventStoreDeps, 'clock' | 'waitingBytesMax' | 'commitMsMax'>>

/** An event store in which each batch is a commit of its own, at once: a test decides what shares one. */
export function createUngroupedStore(given: Given): EventStore {
  return createEventStore({
    clock: systemClock,
    commitWindowMs: 0,
    commitBytesMax: 1,
    waitingBytesMax: 1_000_000,
    commitMsMax: 600_000,
    commitDb: given.db,
    ...given,
  })
}
