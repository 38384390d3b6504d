import type { GrowingBytes } from '../growing-bytes.ts'
import { ascii } from './ascii.ts'
import type { EventScanner } from './event-scanner.ts'
import { isThere, type Place } from './place.ts'
import { isInteger } from './scanned-time.ts'

const head = ascii('{"event":')
const middle = ascii(',"properties":')
const tail = ascii('}}\n')

/**
 * Writes the event line of the event that the scanner has read. False, and nothing written, where that takes more than a few
 * changes to its bytes.
 */
export type WriteScannedLine = (lines: GrowingBytes, scanner: EventScanner, timeMs: number) => boolean

/** Lines are the events' bytes as they came, with the stamps of event-line.ts. `bytes` is what the scanner reads. */
export function createScannedLine(bytes: Uint8Array, processedMs: number): WriteScannedLine {
  const stampedTail = ascii(`,"mp_processing_time_ms":${processedMs}}}\n`)
  return (lines, scanner, timeMs) => {
    const { properties, known } = scanner
    if (isFirst(known.ip) || isFirst(known.mp_event_time_ms)) return false
    let from = beginLine(lines, bytes, scanner)
    for (const change of changesOf(bytes, scanner, timeMs, processedMs)) {
      lines.append(bytes, from, change.from)
      if (change.value !== undefined) lines.appendLatin1(String(change.value))
      from = change.to
    }
    lines.append(bytes, from, properties.to - 1)
    if (isFiner(timeMs) && !isThere(known.mp_event_time_ms)) {
      lines.appendLatin1(`,"mp_event_time_ms":${timeMs}`)
    }
    lines.append(isThere(known.mp_processing_time_ms) ? tail : stampedTail)
    return true
  }
}

/** There is no comma before it that could be removed with it. */
function isFirst(place: Place): boolean {
  return isThere(place) && place.comma < 0
}

function isFiner(timeMs: number): boolean {
  return timeMs % 1000 !== 0
}

/** Returns where the copy of the event goes on. */
function beginLine(
  lines: GrowingBytes,
  bytes: Uint8Array,
  { start, name, properties }: EventScanner,
): number {
  // Only one spelling of what lies between is as short as this, and it is the line's own.
  if (name.from - start === head.length && properties.from - name.to === middle.length) return start
  lines.append(head)
  lines.append(bytes, name.from, name.to)
  lines.append(middle)
  return properties.from
}

interface Change {
  from: number
  to: number
  /** What stands there instead; undefined: nothing. */
  value: number | undefined
}

/** In the order in which they stand. */
function changesOf(
  bytes: Uint8Array,
  { known }: EventScanner,
  timeMs: number,
  processedMs: number,
): Change[] {
  const { time, ip, mp_event_time_ms, mp_processing_time_ms } = known
  const changes: Change[] = []
  const seconds = Math.floor(timeMs / 1000)
  if (!isInteger(bytes, time, seconds)) changes.push(replaced(time, seconds))
  if (isThere(ip)) changes.push(removed(ip))
  if (isThere(mp_event_time_ms)) {
    changes.push(isFiner(timeMs) ? replaced(mp_event_time_ms, timeMs) : removed(mp_event_time_ms))
  }
  if (isThere(mp_processing_time_ms)) changes.push(replaced(mp_processing_time_ms, processedMs))
  return changes.sort((left, right) => left.from - right.from)
}

function replaced({ from, to }: Place, value: number): Change {
  return { from, to, value }
}

function removed({ comma, to }: Place): Change {
  return { from: comma, to, value: undefined }
}
