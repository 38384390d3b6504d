import { mediaType } from './media-type.ts'
import { jsonRecords, ndjsonRecords, parseJson, type Records } from './records.ts'
import { refuseRequest } from './request-refusal.ts'

const jsonTypes = ['', 'application/json']
const ndjsonTypes = ['application/x-ndjson', 'application/ndjson']

export function isJsonType(type: string): boolean {
  return jsonTypes.includes(type)
}

export function isNdjsonType(type: string): boolean {
  return ndjsonTypes.includes(type)
}

/** The records of an /import body: a JSON array, a single JSON object, or one JSON object a line. */
export function readImportRecords(text: string, contentType: string | undefined): Records {
  const type = mediaType(contentType)
  if (!isJsonType(type) && !isNdjsonType(type)) {
    throw refuseRequest(
      'INGEST_FORMAT_UNSUPPORTED',
      'Content-Type is not supported: send application/json or application/x-ndjson',
    )
  }
  const first = text.trimStart()[0]
  if (first === undefined) throw refuseRequest('INGEST_BODY_INVALID', `request body is empty: ${allowed}`)
  if (isNdjsonType(type) && first !== '[') return ndjsonRecords(text)
  const records = jsonRecords(text)
  if (records !== undefined) return records
  // Lines under the wrong name: what the sender means is plain, and a refusal would help nobody.
  if (first === '{' && isJson(firstLine(text))) return ndjsonRecords(text)
  throw refuseRequest('INGEST_BODY_INVALID', `request body is not valid JSON: ${allowed}`)
}

const allowed = 'send a JSON array of events, or one event a line with Content-Type: application/x-ndjson'

function firstLine(text: string): string {
  const start = text.trimStart()
  const newline = start.indexOf('\n')
  return newline === -1 ? start : start.slice(0, newline)
}

function isJson(line: string): boolean {
  return parseJson(line) !== undefined
}
