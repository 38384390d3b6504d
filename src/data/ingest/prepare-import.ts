/** Turns the body of an /import request into a batch. */
import { randomUUID } from 'node:crypto'
import { createFindPlace, type RequestPlaces } from '../../places/find-place.ts'
import type { BatchColumns } from './batch-builder.ts'
import type { FailedRecord } from './event-problem.ts'
import { importTimeRules } from './event-time.ts'
import { inflateBody } from './inflate-body.ts'
import { orRefusal, type RequestRefusal } from './request-refusal.ts'
import { takeScannedBody } from './scan/take-scanned-body.ts'
import { takeParsedBody } from './take-parsed-body.ts'

export interface ImportInput {
  body: Uint8Array<ArrayBuffer>
  contentEncoding: string | undefined
  contentType: string | undefined
  nowMs: number
  places?: RequestPlaces | undefined
}

export interface PreparedImport {
  /** The valid events. */
  columns: BatchColumns
  /** Uncompressed bytes of the request: what the project's rate limit counts. */
  bytes: number
  failed: FailedRecord[]
}

export function prepareImport(input: ImportInput): PreparedImport | { refused: RequestRefusal } {
  return orRefusal(() => prepare(input))
}

function prepare({ body: sent, contentEncoding, contentType, nowMs, places }: ImportInput): PreparedImport {
  const body = inflateBody(sent, contentEncoding)
  const rules = { time: importTimeRules(nowMs), idsRequired: true, tokenRequired: false }
  const options = { rules, nowMs, newInsertId: randomUUID, findPlace: createFindPlace(places) }
  const { builder, failed } =
    takeScannedBody(body, contentType, options) ?? takeParsedBody(body, contentType, options)
  return { columns: builder.finish(), bytes: body.length, failed }
}
