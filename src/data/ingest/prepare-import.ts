/** Turns the body of an /import request into a batch. */
import { randomUUID } from 'node:crypto'
import { type BatchColumns, createBatchBuilder } from './batch-builder.ts'
import { decodeText } from './decode-text.ts'
import { type DedupHash, dedupKey } from './dedup-key.ts'
import type { FailedRecord } from './event-problem.ts'
import { importTimeRules } from './event-time.ts'
import { readImportRecords } from './import-records.ts'
import { inflateBody } from './inflate-body.ts'
import { orRefusal, type RequestRefusal } from './request-refusal.ts'
import { takeRecords } from './take-records.ts'

export interface ImportInput {
  body: Uint8Array<ArrayBuffer>
  contentEncoding: string | undefined
  contentType: string | undefined
  nowMs: number
}

export interface PreparedImport {
  /** The valid events. */
  columns: BatchColumns
  /** Uncompressed bytes of the request: what the project's rate limit counts. */
  bytes: number
  failed: FailedRecord[]
}

export function prepareImport(
  input: ImportInput,
  hash: DedupHash = dedupKey,
): PreparedImport | { refused: RequestRefusal } {
  return orRefusal(() => prepare(input, hash))
}

/** Stamps of a line add about this much to what was sent. */
const stampBytes = 64

function prepare(input: ImportInput, hash: DedupHash): PreparedImport {
  const body = inflateBody(input.body, input.contentEncoding)
  const records = readImportRecords(decodeText(body), input.contentType)
  const builder = createBatchBuilder(body.length + records.count * stampBytes)
  const rules = { time: importTimeRules(input.nowMs), idsRequired: true, tokenRequired: false }
  const options = { rules, nowMs: input.nowMs, hash, newInsertId: randomUUID }
  const failed = takeRecords(records, options, ({ name, timeMs, line, key }) => {
    builder.add(name, timeMs, line, key)
  })
  return { columns: builder.finish(), bytes: body.length, failed }
}
