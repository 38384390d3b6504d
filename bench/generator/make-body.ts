import { gzipSync } from 'node:zlib'
import { lineHashBytes, writeLineHash } from '../check/line-hash.ts'
import { type EventSet, lineOf } from './event-set.ts'
import type { Body } from './generated-day.ts'

export interface MadeBody extends Body {
  /** Of each event, 8 bytes (check/line-hash.ts). */
  hashes: Uint8Array
}

/** One request of neighbouring events. */
export function makeBody(
  set: EventSet,
  fromSerial: number,
  count: number,
  timeOf: (serial: number) => number,
): MadeBody {
  const hashes = new Uint8Array(count * lineHashBytes)
  const lines = Array.from({ length: count }, (_, index) => {
    const serial = fromSerial + index
    const line = lineOf(set.make(serial, timeOf(serial)))
    writeLineHash(Buffer.from(line), hashes, index)
    return line
  })
  const gzip = new Uint8Array(gzipSync(`${lines.join('\n')}\n`, { level: 1 }))
  return { gzip, events: count, hashes }
}
