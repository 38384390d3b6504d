/** For projects that have long strings cut, as Mixpanel cuts them. */

import { parseKeepingDigits } from '../../exact-numbers/exact-numbers.ts'
import type { BatchColumns } from './batch-builder.ts'
import type { EventObject } from './check-event.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { stringLengthMax } from './limits.ts'

/** Cut, two ids would be one: the event would be somebody else's, or a duplicate of another. */
const wholeProperties = ['distinct_id', '$insert_id']

/** The events with the strings of their properties cut at 255 characters. Gives the buffers of `columns` away. */
export function cutStrings(columns: BatchColumns): BatchColumns {
  const lines = new GrowingBytes(columns.lines.length)
  const lineEnds = new Uint32Array(columns.count)
  let from = 0
  for (const [index, to] of columns.lineEnds.entries()) {
    const line = columns.lines.subarray(from, to)
    // A shorter line has no room for such a string.
    if (line.length <= stringLengthMax) lines.append(line)
    else lines.appendText(`${cutLine(new TextDecoder().decode(line))}\n`)
    lineEnds[index] = lines.length
    from = to
  }
  return { ...columns, lines: lines.finish(), lineEnds }
}

function cutLine(line: string): string {
  const event = parseKeepingDigits(line) as EventObject
  for (const [name, value] of Object.entries(event.properties)) {
    if (!wholeProperties.includes(name)) put(event.properties, name, cut(value))
  }
  return JSON.stringify(event)
}

function cut(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value)
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value
  if (Array.isArray(value)) return value.map(cut)
  const object = value as Record<string, unknown>
  for (const [name, member] of Object.entries(object)) put(object, name, cut(member))
  return object
}

/** Also where the name is __proto__, which JSON.parse makes a property like any other. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value })
}

/** Counts characters, not the halves that JavaScript makes of some. */
function cutText(text: string): string {
  if (text.length <= stringLengthMax) return text
  let end = 0
  for (let count = 0; count < stringLengthMax && end < text.length; count++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  }
  return text.slice(0, end)
}
