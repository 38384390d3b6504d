import { type DedupHash, dedupKey, eventIdentity } from '../../src/data/ingest/dedup-key.ts'
import type { EventBatch } from '../../src/data/ingest/event-batch.ts'
import type { ProjectId } from '../../src/ids.ts'

/** An event as a test thinks of it; its time has whole seconds. */
export interface TestEvent {
  event: string
  properties: { time: number; distinct_id: string; $insert_id: string; [name: string]: unknown }
}

export function lineOf(event: TestEvent): string {
  return JSON.stringify(event)
}

export function identityOf({ event, properties }: TestEvent): string {
  return eventIdentity(event, properties.time * 1000, properties.distinct_id, properties.$insert_id)
}

/** The batch that ingest would make of these events. `hash` may be a weak one, to make collisions. */
export function batchOf(
  projectId: ProjectId,
  timeZone: string,
  events: TestEvent[],
  hash: DedupHash = dedupKey,
): EventBatch {
  const lines = events.map((event) => Buffer.from(`${lineOf(event)}\n`))
  const names = [...new Set(events.map(({ event }) => event))]
  const dedupKeys = new Uint8Array(
    Buffer.from(events.map((event) => hash(identityOf(event))).join(''), 'latin1'),
  )
  let end = 0
  return {
    projectId,
    timeZone,
    count: events.length,
    lines: new Uint8Array(Buffer.concat(lines)),
    lineEnds: Uint32Array.from(lines, (line) => {
      end += line.length
      return end
    }),
    timesMs: Float64Array.from(events, ({ properties }) => properties.time * 1000),
    names,
    nameIndexes: Uint16Array.from(events, ({ event }) => names.indexOf(event)),
    dedupKeys,
  }
}
