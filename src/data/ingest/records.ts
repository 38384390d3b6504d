/** The records of a request: each is an event, or is refused by its index without harm to the others. */

import { mayLoseDigits, parseExactly } from '../../exact-numbers/exact-numbers.ts'
import { checkStructure, mayHoldTooMuch, tooManyEvents } from './check-structure.ts'
import { requestEventsMax } from './limits.ts'
import { splitArray } from './split-array.ts'

export interface Records {
  count: number
  /** The record as JSON.parse gives it, the caller's own; undefined where it is not JSON. */
  value(index: number): unknown
  /** The record with every digit of its numbers kept; undefined where `value` has lost none. */
  exact(index: number): unknown
}

/** Records of a JSON array; a single object counts as an array of one. Undefined where the text is neither. */
export function jsonRecords(json: string): Records | undefined {
  if (mayHoldTooMuch(json)) checkStructure(json)
  const value = parseJson(json)
  if (typeof value !== 'object' || value === null) return undefined
  const values: unknown[] = Array.isArray(value) ? value : [value]
  if (values.length > requestEventsMax) throw tooManyEvents()
  let texts: string[] | undefined
  const readTexts = () => (Array.isArray(value) ? splitArray(json) : [json])
  const lossy = mayLoseDigits(json)
  return {
    count: values.length,
    value: (index) => values[index],
    exact: (index) => {
      if (!lossy) return undefined
      texts ??= readTexts()
      return exactOf(texts[index] ?? '')
    },
  }
}

/** Records of newline-delimited JSON: one a line; blank lines don't count. */
export function ndjsonRecords(text: string): Records {
  const lines = readLines(text)
  if (mayHoldTooMuch(text)) {
    let containers = 0
    for (const line of lines) containers += checkStructure(line, containers)
  }
  return {
    count: lines.length,
    value: (index) => parseJson(lines[index] ?? ''),
    exact: (index) => exactOf(lines[index] ?? ''),
  }
}

export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** The JSON with every digit of its numbers kept; undefined where JSON.parse loses none. */
export function exactOf(json: string): unknown {
  return mayLoseDigits(json) ? parseExactly(json) : undefined
}

function readLines(text: string): string[] {
  const lines: string[] = []
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(start, end)
    if (line.trim() !== '') lines.push(line)
    // Before the rest is cut: ten megabytes of short lines are refused for the price of the first ones.
    if (lines.length > requestEventsMax) throw tooManyEvents()
    start = end + 1
  }
  return lines
}
