import { createArrayCutter } from './cut-array.ts'
import { createLineCutter } from './cut-lines.ts'
import type { EventCutter, EventText } from './event-text.ts'
import { byte, isPadding } from './json-bytes.ts'

/**
 * Cuts a file's events out of its bytes: elements where it begins with `[`, lines otherwise.
 * @param bytesMax of a text that is kept whole
 */
export async function* readEvents(
  chunks: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<EventText> {
  let cutter: EventCutter | undefined
  let line = 1
  for await (const chunk of chunks) {
    if (cutter !== undefined) {
      yield* cutter.push(chunk)
      continue
    }
    const padding = countPadding(chunk)
    line += countNewlines(chunk.subarray(0, padding))
    cutter = chooseCutter(chunk[padding], bytesMax, line)
    yield* cutter?.push(chunk.subarray(padding)) ?? []
  }
  yield* cutter?.end() ?? []
}

/** Undefined while nothing but padding has come. */
function chooseCutter(first: number | undefined, bytesMax: number, line: number): EventCutter | undefined {
  if (first === undefined) return undefined
  return first === byte.openBracket ? createArrayCutter(bytesMax, line) : createLineCutter(bytesMax, line)
}

function countPadding(chunk: Buffer): number {
  const first = chunk.findIndex((value) => !isPadding(value))
  return first === -1 ? chunk.length : first
}

function countNewlines(chunk: Buffer): number {
  return chunk.filter((value) => value === byte.newline).length
}
