/** What a server says to a request of /import. */
import { z } from 'zod'

const stored = z.object({ code: z.literal(200), num_records_imported: z.int().nonnegative() })

const failedRecord = z.object({
  index: z.int().nonnegative(),
  field: z.string().optional(),
  message: z.string(),
})

const storedInPart = z.object({
  code: z.literal(400),
  num_records_imported: z.int().nonnegative(),
  failed_records: z.array(failedRecord).min(1),
})

const sentence = z.object({ error: z.string().min(1) })

export interface FailedEvent {
  /** Its place in the request. */
  index: number
  field: string
  message: string
}

export interface ImportAnswer {
  imported: number
  failed: FailedEvent[]
}

/** Undefined where the answer does not account for each of the request's events. */
export function parseAnswer(status: number, text: string, eventCount: number): ImportAnswer | undefined {
  const answer = status === 200 ? parseStored(text) : parseStoredInPart(text)
  if (answer === undefined || answer.imported + answer.failed.length !== eventCount) return undefined
  return answer.failed.every(({ index }) => index < eventCount) ? answer : undefined
}

/** True where the server judged event by event, rather than refusing the request. */
export function listsFailed(text: string): boolean {
  return parseStoredInPart(text) !== undefined
}

/** Why the server refused a request, in its own words; undefined where it has none, as a proxy on the way. */
export function readSentence(text: string): string | undefined {
  return sentence.safeParse(parseJson(text)).data?.error
}

function parseStored(text: string): ImportAnswer | undefined {
  const answer = stored.safeParse(parseJson(text)).data
  return answer && { imported: answer.num_records_imported, failed: [] }
}

function parseStoredInPart(text: string): ImportAnswer | undefined {
  const answer = storedInPart.safeParse(parseJson(text)).data
  if (answer === undefined) return undefined
  const failed = answer.failed_records.map(({ index, field = '', message }) => ({ index, field, message }))
  return { imported: answer.num_records_imported, failed }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
