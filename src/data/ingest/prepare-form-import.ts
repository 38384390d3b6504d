/** Turns an /import request in the form in which SDKs send it, `data` as at /track, into a batch. */
import { randomUUID } from 'node:crypto'
import type { RequestPlaces } from '../../places/find-place.ts'
import { BatchBuilder, type BatchColumns } from './batch-builder.ts'
import type { FailedRecord } from './event-problem.ts'
import { importTimeRules } from './event-time.ts'
import { orRefusal, type RequestRefusal, refuseRequest } from './request-refusal.ts'
import { addEvent, takeRecords } from './take-records.ts'
import { findPlaceOf, readTrackData, readTrackSource, type TrackSource } from './track-data.ts'

export interface FormImportInput {
  nowMs: number
  source: TrackSource
  places?: RequestPlaces | undefined
}

export interface PreparedFormImport {
  /** The valid events. */
  columns: BatchColumns
  /** Of the records: what the project's rate limit counts. */
  bytes: number
  failed: FailedRecord[]
  /** Events in the request. */
  count: number
  /** Fields of a form beside `data`. */
  fields: Map<string, string>
}

export function prepareFormImport(input: FormImportInput): PreparedFormImport | { refused: RequestRefusal } {
  return orRefusal(() => prepare(input))
}

function prepare({ source, nowMs, places }: FormImportInput): PreparedFormImport {
  const { data, fields } = readTrackSource(source)
  // JSON under the type of a form is somebody's who meant /import's own form, and would wonder at the answer.
  if ('body' in source && !fields.has('data')) {
    throw refuseRequest(
      'INGEST_FORMAT_UNSUPPORTED',
      'Content-Type is not supported: send application/json or application/x-ndjson, or a form with the field data',
    )
  }
  const records = readTrackData(data)
  const bytes = data?.length ?? 0
  const builder = new BatchBuilder(bytes)
  // These SDKs send no $insert_id, and a distinct_id only where their caller gives one.
  const rules = { time: importTimeRules(nowMs), idsRequired: false, tokenRequired: false }
  const options = { rules, nowMs, newInsertId: randomUUID, findPlace: findPlaceOf(places, fields) }
  const failed = takeRecords(records, options, (event) => addEvent(builder, event))
  fields.delete('data')
  return { columns: builder.finish(), bytes, failed, count: records.count, fields }
}
