/** Sends a batch until the server has judged its events. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Batch } from './batch.ts'
import { gaveUp } from './import-errors.ts'
import { type ImportTarget, type PostDeps, type Posted, postBatch } from './post-batch.ts'
import { countOf } from './progress-text.ts'
import { retryDelayMs } from './retry-delay.ts'

export interface SendDeps extends PostDeps {
  /** Ends early, without an error, when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 up to 1. */
  random(): number
}

export interface SendOptions {
  target: ImportTarget
  /** For how long one request is sent again and again. */
  retryMsMax: number
  /** No request begins once it is aborted; one that is under way is let finish. */
  signal: AbortSignal
  onRetry(reason: string, waitMs: number): void
}

export type Judged = Exclude<Posted, { again: string }>

const compress = promisify(gzip)
/** Five times as fast as the default, for a fifth more bytes. */
const gzipLevel = 1

/**
 * The server's judgement of each event, or why it takes no request as large as this. Undefined where it was stopped
 * before the server had judged.
 */
export async function sendBatch(
  batch: Batch,
  options: SendOptions,
  deps: SendDeps,
): Promise<Judged | undefined> {
  const { target, retryMsMax, signal } = options
  const packed = {
    gzip: await compress(batch.body, { level: gzipLevel }),
    eventCount: batch.events.length,
    name: nameBatch(batch),
  }
  const giveUpAtMs = deps.clock.nowMs() + retryMsMax
  for (let attempt = 1; !signal.aborted; attempt++) {
    const posted = await postBatch(target, packed, deps)
    if (!('again' in posted)) return posted
    const waitMs = retryDelayMs(attempt, deps.random(), posted.retryAfterMs)
    if (deps.clock.nowMs() + waitMs > giveUpAtMs) throw gaveUp(target.url, posted.again, retryMsMax)
    options.onRetry(posted.again, waitMs)
    await deps.wait(waitMs, signal)
  }
  return undefined
}

function nameBatch({ events }: Batch): string {
  const first = events[0]
  return `the ${countOf(events.length, 'event')} from ${first?.file}:${first?.line} on`
}
