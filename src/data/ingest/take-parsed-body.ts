import { BatchBuilder } from './batch-builder.ts'
import { decodeText } from './decode-text.ts'
import type { FailedRecord } from './event-problem.ts'
import { readImportRecords } from './import-records.ts'
import { addEvent, type TakeOptions, takeRecords } from './take-records.ts'

export interface TakenBody {
  builder: BatchBuilder
  failed: FailedRecord[]
}

/** Takes the events of an /import body by parsing them: any body, or its refusal is thrown. */
export function takeParsedBody(
  body: Uint8Array,
  contentType: string | undefined,
  options: TakeOptions,
): TakenBody {
  const records = readImportRecords(decodeText(body), contentType)
  const builder = new BatchBuilder(body.length)
  const failed = takeRecords(records, options, (event) => addEvent(builder, event))
  return { builder, failed }
}
