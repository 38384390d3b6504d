import type { ExportedEvent } from './bucket-reader.ts'

/** Without the time when it came in, which nobody but Penstock knows. */
export function withoutStamp({ event, properties }: ExportedEvent): ExportedEvent {
  const { mp_processing_time_ms: _, ...rest } = properties
  return { event, properties: rest }
}

/** Files of an export may come in any order. */
export function byInsertId(events: { event: string; properties: object }[]): object[] {
  const key = ({ properties }: { properties: object }) => String(Object(properties).$insert_id)
  return [...events].sort((left, right) => (key(left) < key(right) ? -1 : 1))
}
