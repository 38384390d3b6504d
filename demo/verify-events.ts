/** Holds the lines of one folder against the events that were sent for its day. */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { SentEvent } from './events.ts'
import { expectedEvent, identity, sentIdentity } from './expected-event.ts'

export interface ReceivedDuring {
  fromMs: number
  untilMs: number
}

const exportedEvent = z.looseObject({
  event: z.string(),
  properties: z.looseObject({
    time: z.int(),
    distinct_id: z.string(),
    $insert_id: z.string(),
    mp_event_time_ms: z.int().optional(),
    mp_processing_time_ms: z.int(),
  }),
})
type ExportedEvent = z.output<typeof exportedEvent>

/** @returns what is missing, doubled, changed or was never sent; nothing when the folder is right */
export function verifyEvents(lines: string[], sent: SentEvent[], during: ReceivedDuring): string[] {
  const expected = new Map(sent.map((event) => [sentIdentity(event), event]))
  const seen = new Set<string>()
  const differences: string[] = []
  for (const line of lines) {
    const exported = parseLine(line)
    if (exported === undefined) {
      differences.push(`this line is not an exported event: ${line.slice(0, 200)}`)
      continue
    }
    const id = identityOf(exported)
    const original = expected.get(id)
    if (original === undefined) differences.push(`event ${id} was not sent for this day`)
    else if (seen.has(id)) differences.push(`event ${id} is there twice`)
    else if (!isAsSent(exported, original, during))
      differences.push(`event ${id} is not as it was sent: ${line}`)
    seen.add(id)
  }
  const missing = [...expected.keys()].filter((id) => !seen.has(id))
  return [...differences, ...missing.map((id) => `event ${id} is missing`)]
}

function parseLine(line: string): ExportedEvent | undefined {
  try {
    return exportedEvent.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

function identityOf({ event, properties }: ExportedEvent): string {
  const timeMs = properties.mp_event_time_ms ?? properties.time * 1000
  return identity(event, timeMs, properties.distinct_id, properties.$insert_id)
}

function isAsSent(
  exported: ExportedEvent,
  original: SentEvent,
  { fromMs, untilMs }: ReceivedDuring,
): boolean {
  const { mp_processing_time_ms: receivedMs, ...properties } = exported.properties
  if (receivedMs < fromMs || receivedMs > untilMs) return false
  return isDeepStrictEqual({ ...exported, properties }, expectedEvent(original))
}
