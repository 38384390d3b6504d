import type { EventCutter, EventText } from './event-text.ts'
import { byte } from './json-bytes.ts'
import { createTextCollector } from './text-collector.ts'

/** Cuts newline-delimited JSON: an event a line; blank lines are none. */
export function createLineCutter(bytesMax: number, firstLine: number): EventCutter {
  const collector = createTextCollector(bytesMax)
  let line = firstLine

  function* take(): Generator<EventText> {
    const { text, cut } = collector.take()
    if (text.length > 0 || cut) yield { text, line, cut }
    line += 1
  }

  return {
    *push(chunk) {
      let start = 0
      for (
        let newline = chunk.indexOf(byte.newline);
        newline !== -1;
        newline = chunk.indexOf(byte.newline, start)
      ) {
        collector.add(chunk.subarray(start, newline))
        yield* take()
        start = newline + 1
      }
      collector.add(chunk.subarray(start))
    },
    end: take,
  }
}
