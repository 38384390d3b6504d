import { type Batch, halveBatch, textOf } from './batch.ts'
import type { FailedEvent, ImportAnswer } from './import-answer.ts'
import type { ImportCounts } from './import-counts.ts'
import type { Reject, Rejects } from './rejects.ts'
import { type SendDeps, type SendOptions, sendBatch } from './send-batch.ts'

export interface Settling {
  sending: SendOptions
  counts: ImportCounts
  rejects: Rejects
}

/** Sends a batch, in smaller ones where it is too large for the server, and writes down what became of its events. */
export async function settleBatch(batch: Batch, settling: Settling, deps: SendDeps): Promise<void> {
  const judged = await sendBatch(batch, settling.sending, deps)
  if (judged === undefined) return
  if ('answer' in judged) return count(batch, judged.answer, settling)
  if (batch.events.length === 1) return count(batch, refusedAlone(judged.tooLarge), settling)
  for (const half of halveBatch(batch)) await settleBatch(half, settling, deps)
}

async function count(
  batch: Batch,
  { imported, failed }: ImportAnswer,
  { counts, rejects }: Settling,
): Promise<void> {
  counts.imported += imported
  counts.refused += failed.length
  if (failed.length > 0) await rejects.add(failed.flatMap((event) => rejectOf(batch, event)))
}

function refusedAlone(message: string): ImportAnswer {
  return { imported: 0, failed: [{ index: 0, field: 'event', message }] }
}

function rejectOf(batch: Batch, { index, field, message }: FailedEvent): Reject[] {
  const place = batch.events[index]
  if (place === undefined) return []
  return [{ file: place.file, line: place.line, error: { field, message }, event: textOf(batch, place) }]
}
