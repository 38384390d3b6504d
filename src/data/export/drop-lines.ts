/**
 * Thread task: an exported file without some of its lines. Only gzip members that hold one of them are compressed anew; one
 * member at a time is inflated, so memory follows the file's compressed size.
 */
import { crc32, inflateRawSync } from 'node:zlib'
import { releaseBytes } from '../release-bytes.ts'
import { compressLines } from '../store/seal-member.ts'
import { keepLines, type LineTest } from './keep-lines.ts'
import { joinSpans, noSpan, spanOfLines, type TimeSpan } from './time-span.ts'

export interface DropLinesInput {
  file: Uint8Array<ArrayBuffer>
  /** Of the file as it was written. */
  crc32: number
  /** Lines with their newlines. Those that the file doesn't hold are no matter. */
  lines: Uint8Array[]
}

export interface DroppedLines {
  /** Undefined where somebody has changed the file since it was written. */
  rest?: {
    gzip: Uint8Array<ArrayBuffer>
    crc32: number
    eventCount: number
    span: TimeSpan
  }
  /** How many of the lines it held. */
  dropped: number
}

/** As `compressLines` makes it: no name, no extra field. */
const headerBytes = 10
const trailerBytes = 8

export function dropLines({ file, crc32: expected, lines }: DropLinesInput): DroppedLines {
  if (crc32(file) !== expected) return { dropped: 0 }
  const stays = stayTest(lines)
  const parts: Uint8Array[] = []
  let [eventCount, dropped, span] = [0, 0, noSpan]
  for (const { gzip, lines: all } of eachMember(file)) {
    const isKept = stays(all)
    let droppedHere = 0
    const kept = keepLines(all, [
      (start, end, line) => {
        const stay = isKept(start, end, line)
        if (!stay) droppedHere += 1
        return stay
      },
    ])
    eventCount += kept.count
    span = joinSpans([span, spanOfLines(kept.lines)])
    dropped += droppedHere
    if (droppedHere === 0) parts.push(gzip)
    else if (kept.count > 0) parts.push(compressLines(kept.lines))
    releaseBytes(all)
  }
  const gzip = new Uint8Array(Buffer.concat(parts))
  return { dropped, rest: { gzip, crc32: crc32(gzip), eventCount, span } }
}

/** Gzip members joined byte for byte: each with its bytes and its lines. */
function* eachMember(file: Uint8Array): Generator<{ gzip: Uint8Array; lines: Buffer }> {
  for (let at = 0; at < file.length; ) {
    const inflated = inflateRawSync(file.subarray(at + headerBytes), { info: true }) as unknown as Inflated
    const end = at + headerBytes + inflated.engine.bytesWritten + trailerBytes
    yield { gzip: file.subarray(at, end), lines: inflated.buffer }
    at = end
  }
}

/** What zlib gives with `info`; its types don't say so. */
interface Inflated {
  buffer: Buffer
  /** How many bytes of the input were needed. */
  engine: { bytesWritten: number }
}

function stayTest(lines: readonly Uint8Array[]): (all: Buffer) => LineTest {
  const texts = new Set(lines.map((line) => Buffer.from(line).toString('latin1')))
  const lengths = new Set(lines.map(({ length }) => length))
  return (all) => (start, end) => !lengths.has(end - start) || !texts.has(all.toString('latin1', start, end))
}
