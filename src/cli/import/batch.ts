/** Packs events into bodies that one request can carry. */
import { requestBytesMax, requestEventsMax } from '../../data/ingest/limits.ts'
import type { EventText } from './event-text.ts'
import { byte } from './json-bytes.ts'

/** Newline-delimited JSON, and where each of its lines came from. */
export interface Batch {
  body: Buffer
  events: EventPlace[]
}

export interface EventPlace {
  file: string
  line: number
  /** Its bytes in the batch's body. */
  start: number
  end: number
}

export interface BatchBuilder {
  /** Adds an event whose text is valid JSON; gives the batch that had no more room for it. */
  add(file: string, event: EventText): Batch | undefined
  /** The events that are left, if there are any. */
  finish(): Batch | undefined
}

/** Well under the request's limit: others count it in other megabytes. */
export const batchBytesMax = requestBytesMax - 2 * 1024 * 1024

export function createBatchBuilder(): BatchBuilder {
  let lines: Buffer[] = []
  let events: EventPlace[] = []
  let bytes = 0

  const finish = (): Batch | undefined => {
    if (events.length === 0) return undefined
    const batch = { body: Buffer.concat(lines, bytes), events }
    lines = []
    events = []
    bytes = 0
    return batch
  }

  return {
    add: (file, { text, line }) => {
      const isFull = events.length === requestEventsMax || bytes + text.length + 1 > batchBytesMax
      const full = isFull ? finish() : undefined
      events.push({ file, line, start: bytes, end: bytes + text.length })
      lines.push(oneLine(text), newline)
      bytes += text.length + 1
      return full
    },
    finish,
  }
}

/** The text of one event of the batch, as it was sent. */
export function textOf(batch: Batch, place: EventPlace): string {
  return batch.body.toString('utf8', place.start, place.end)
}

/** Two batches of half the events each. */
export function halveBatch({ body, events }: Batch): [Batch, Batch] {
  const middle = Math.ceil(events.length / 2)
  const middleByte = events[middle]?.start ?? body.length
  const second = events.slice(middle).map((place) => ({
    ...place,
    start: place.start - middleByte,
    end: place.end - middleByte,
  }))
  return [
    { body: body.subarray(0, middleByte), events: events.slice(0, middle) },
    { body: body.subarray(middleByte), events: second },
  ]
}

const newline = Buffer.from('\n')

/** In valid JSON a newline stands between values only, where a space means the same. */
function oneLine(text: Buffer): Buffer {
  if (!text.includes(byte.newline)) return text
  const line = Buffer.from(text)
  for (let at = line.indexOf(byte.newline); at !== -1; at = line.indexOf(byte.newline, at))
    line[at] = byte.space
  return line
}
