import { LineFields } from '../segmentation/line-fields.ts'

const time = 0
const timeMs = 1
const fields = [
  { of: 'properties', name: 'time' },
  { of: 'properties', name: 'mp_event_time_ms' },
] as const

const newline = 0x0a
/** Event lines whose `properties.time` is in milliseconds: those that the client sent, where they are finer than seconds. */
export function linesInMs(lines: Buffer): Buffer {
  const event = new LineFields(fields)
  const parts: Uint8Array[] = []
  let copiedTo = 0
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(newline, start) + 1
    event.read(lines, start, end, true)
    const place = event.placeOf(time)
    if (place !== undefined) {
      const ms = event.valueOf(timeMs) ?? Number(event.valueOf(time)) * 1000
      parts.push(lines.subarray(copiedTo, place.start), Buffer.from(String(ms)))
      copiedTo = place.end
    }
    start = end
  }
  parts.push(lines.subarray(copiedTo))
  return Buffer.concat(parts)
}
