import { isUtf8 } from 'node:buffer'
import { type EventProblem, eventProblem } from '../../data/ingest/event-problem.ts'
import { batchBytesMax } from './batch.ts'
import type { EventText } from './event-text.ts'
import { byte } from './json-bytes.ts'

/**
 * What is wrong with a text that no server could take as an event; undefined where the server is to judge. One such
 * line could make the server refuse, or read otherwise, all the lines that share its request.
 */
export function checkText({ text, cut }: EventText): EventProblem | undefined {
  if (cut) return eventProblem('event', `the text must not be longer than ${batchBytesMax} bytes`)
  if (!isUtf8(text)) return eventProblem('event', 'the text must be valid UTF-8')
  if (text[0] !== byte.openBrace) return eventProblem('event', 'the text must be a JSON object')
  return isJson(text) ? undefined : eventProblem('event', 'the text is not valid JSON')
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString('utf8'))
    return true
  } catch {
    return false
  }
}
