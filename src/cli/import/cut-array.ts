/**
 * Cuts JSON arrays into their elements' texts. Nothing is parsed: the digits of a number leave as they came, and a
 * file's size does not matter. Several arrays may follow each other, as joined files make them.
 */
import { BrokenText } from './broken-text.ts'
import type { EventCutter, EventText } from './event-text.ts'
import { byte, isPadding, isSpace } from './json-bytes.ts'
import { createTextCollector } from './text-collector.ts'

export function createArrayCutter(bytesMax: number, firstLine: number): EventCutter {
  const collector = createTextCollector(bytesMax)
  let line = firstLine
  let isBorder: BorderFinder | undefined
  /** Where the element's first byte was; undefined while only spaces have come. */
  let elementLine: number | undefined
  let first = true

  const open = (value: number): void => {
    if (value === byte.openBracket) {
      isBorder = createBorderFinder()
      first = true
    } else if (!isPadding(value)) throw new BrokenText(line, 'text stands outside of the JSON array')
  }

  function* close(border: number): Generator<EventText> {
    const { text, cut } = collector.take()
    const last = border === byte.closeBracket
    if (text.length > 0 || !(first && last)) yield { text, line: elementLine ?? line, cut }
    elementLine = undefined
    first = false
    if (last) isBorder = undefined
  }

  return {
    *push(chunk) {
      let start = 0
      for (let index = 0; index < chunk.length; index++) {
        const value = chunk[index] as number
        if (isBorder === undefined) {
          open(value)
          start = index + 1
        } else if (isBorder(value)) {
          collector.add(chunk.subarray(start, index))
          yield* close(value)
          start = index + 1
        } else if (elementLine === undefined && !isSpace(value)) elementLine = line
        if (value === byte.newline) line += 1
      }
      collector.add(chunk.subarray(start))
    },
    end: () => {
      if (isBorder !== undefined) throw new BrokenText(elementLine ?? line, 'the JSON array is not closed')
      return []
    },
  }
}

/** True at a byte that ends an element of the array: its comma or the array's bracket. */
type BorderFinder = (value: number) => boolean

function createBorderFinder(): BorderFinder {
  let depth = 0
  let inString = false
  let escaped = false

  const passString = (value: number): void => {
    if (escaped) escaped = false
    else if (value === byte.backslash) escaped = true
    else if (value === byte.quote) inString = false
  }

  return (value) => {
    if (inString) {
      passString(value)
      return false
    }
    if (value === byte.quote) inString = true
    else if (value === byte.openBrace || value === byte.openBracket) depth += 1
    else if (depth === 0) return value === byte.comma || value === byte.closeBracket
    else if (value === byte.closeBrace || value === byte.closeBracket) depth -= 1
    return false
  }
}
