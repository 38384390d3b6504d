/** Where the events of a /track request stand, and how they are written there. */
import { createFindPlace, type FindPlace, type RequestPlaces } from '../../places/find-place.ts'
import { decodeSdkText, decodeText } from './decode-text.ts'
import { readForm } from './form-fields.ts'
import { inflateBody } from './inflate-body.ts'
import { mediaType } from './media-type.ts'
import { jsonRecords, type Records } from './records.ts'
import { refuseRequest } from './request-refusal.ts'

/** The query's `data`; or a body. */
export type TrackSource =
  | { data: string }
  | {
      body: Uint8Array<ArrayBuffer>
      contentEncoding: string | undefined
      contentType: string | undefined
    }

interface TrackBody {
  data: string | undefined
  /** The other fields of a form: some SDKs put there what others put into the query. */
  fields: Map<string, string>
}

// Browsers send a beacon's form as text/plain.
const formTypes = ['', 'application/x-www-form-urlencoded', 'text/plain']
const allowed = 'send one event or an array of events, as JSON or as base64 of JSON'

export function readTrackSource(source: TrackSource): TrackBody {
  if ('data' in source) return { data: source.data, fields: new Map() }
  const text = decodeText(inflateBody(source.body, source.contentEncoding))
  return readTrackBody(text, source.contentType)
}

/** Reads the body of a POST: a form with the field `data`, or the data itself. */
function readTrackBody(text: string, contentType: string | undefined): TrackBody {
  const type = mediaType(contentType)
  if (type === 'application/json') return { data: text, fields: new Map() }
  if (!formTypes.includes(type)) {
    throw refuseRequest(
      'INGEST_FORMAT_UNSUPPORTED',
      'Content-Type is not supported: send application/x-www-form-urlencoded with the field data, or application/json',
    )
  }
  if (isJson(text)) return { data: text, fields: new Map() }
  const fields = readForm(text)
  return { data: fields.get('data'), fields }
}

/** @param fields of a form: some SDKs say there, not in the query, that the client's own address counts */
export function findPlaceOf(
  places: RequestPlaces | undefined,
  fields: Map<string, string>,
): FindPlace | undefined {
  return createFindPlace(places && { ...places, usesPeer: places.usesPeer || fields.get('ip') === '1' })
}

/** The records in `data`, which is JSON or base64 of JSON. */
export function readTrackData(data: string | undefined): Records {
  if (data === undefined || data.trim() === '') {
    throw refuseRequest('INGEST_BODY_INVALID', `data is missing or empty: ${allowed}`)
  }
  const records = jsonRecords(isJson(data) ? data : decodeBase64(data))
  if (records === undefined) throw refuseRequest('INGEST_BODY_INVALID', `data is not valid JSON: ${allowed}`)
  return records
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

const base64 = /^[A-Za-z0-9+/_ \r\n-]*={0,2}\s*$/

function decodeBase64(data: string): string {
  if (!base64.test(data))
    throw refuseRequest('INGEST_BODY_INVALID', `data is neither JSON nor base64: ${allowed}`)
  const text = Buffer.from(data.trim(), 'latin1')
  // A plus sign that was not escaped comes out of a form as a space; several SDKs don't escape it.
  for (let index = text.indexOf(' '); index !== -1; index = text.indexOf(' ', index + 1)) text[index] = plus
  return decodeSdkText(Buffer.from(text.toString('latin1'), 'base64'))
}

const plus = 0x2b
