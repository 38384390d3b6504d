/**
 * Refuses text that JSON.parse would turn into far more memory than an honest request of its length needs: ten megabytes of
 * `{},{},` become half a gigabyte of objects, and gzip packs them into ten kilobytes.
 */
import { containersMax, requestEventsMax } from './limits.ts'
import { refuseRequest } from './request-refusal.ts'
import { endOfString } from './split-array.ts'

/** Shorter text can't hold more containers than are allowed: each has at least two characters. */
export function mayHoldTooMuch(json: string): boolean {
  return json.length >= containersMax * 2
}

/** `json` may be any text; what is no JSON is left to JSON.parse. Returns the number of objects and arrays. */
export function checkStructure(json: string, containersBefore = 0): number {
  // Only in an array do the commas of the first level part events.
  const separator = json.trimStart()[0] === '[' ? comma : -1
  let containers = 0
  let depth = 0
  let elements = 1
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index)
    if (code === quote) {
      index = endOfString(json, index)
      if (index === -1) break
    } else if (opens(code)) {
      depth += 1
      containers += 1
      if (containersBefore + containers > containersMax) throw tooManyContainers()
    } else if (closes(code)) depth -= 1
    else if (code === separator && depth === 1) {
      elements += 1
      if (elements > requestEventsMax) throw tooManyEvents()
    }
  }
  return containers
}

const quote = 0x22
const comma = 0x2c

/** `[` or `{` */
function opens(code: number): boolean {
  return code === 0x5b || code === 0x7b
}

/** `]` or `}` */
function closes(code: number): boolean {
  return code === 0x5d || code === 0x7d
}

export function tooManyEvents() {
  return refuseRequest(
    'INGEST_TOO_LARGE',
    `request exceeds max limit of ${requestEventsMax} events: send the rest in further requests`,
  )
}

function tooManyContainers() {
  return refuseRequest(
    'INGEST_TOO_LARGE',
    `request exceeds max limit of ${containersMax} objects and arrays: send fewer events in a request`,
  )
}
