/**
 * Imports files of events. Readers and requests share one bounded line: each of the requests takes the next batch when
 * its last one is answered, so that memory holds a few batches and never a file.
 */
import type { Readable } from 'node:stream'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { Batch } from './batch.ts'
import { createImportCounts, type ImportCounts } from './import-counts.ts'
import { fileUnreadable } from './import-errors.ts'
import { readBatches } from './read-batches.ts'
import { openRejects, type Reject } from './rejects.ts'
import type { SendDeps, SendOptions } from './send-batch.ts'
import { settleBatch } from './settle-batch.ts'
import type { StoredObjects } from './stored-objects.ts'

export interface ImportOptions {
  /** Paths, `s3://` URLs of objects; `-` is standard input. */
  files: readonly string[]
  /** Penstock's address. */
  url: URL
  /** The project's API secret. */
  secret: string
  /** Requests at a time. */
  parallel: number
  retryMsMax: number
  rejectsFile?: string
  /** Ends the import early: nothing more is read, and requests that are under way are let finish. */
  stop: AbortSignal
  /** Kept up to date while the import runs. */
  counts?: ImportCounts
  onRetry?: SendOptions['onRetry']
}

export interface ImportDeps extends SendDeps {
  stdin: Readable
  objects: StoredObjects
}

export interface ImportResult extends Omit<ImportCounts, 'bytesRead'> {
  /** `failed`: it ended before everything was sent, for the reason in `error`. */
  outcome: 'finished' | 'stopped' | 'failed'
  error: PenstockError | undefined
  /** Files that could not be read to their end. */
  brokenFiles: PenstockError[]
  /** The first few of the refused. */
  firstRejects: Reject[]
}

/** Every event that is read ends as imported, refused with its reason, or, where the import ended early, unsent. */
export async function importFiles(options: ImportOptions, deps: ImportDeps): Promise<ImportResult> {
  const counts = options.counts ?? createImportCounts()
  const rejects = await openRejects(options.rejectsFile)
  const brokenFiles: PenstockError[] = []
  const halt = new AbortController()
  const signal = AbortSignal.any([options.stop, halt.signal])
  try {
    const batches = readBatches({
      ...{ files: options.files, stdin: deps.stdin, objects: deps.objects, signal, counts, rejects },
      onBroken: (file, error) => brokenFiles.push(fileUnreadable(file, error)),
    })
    const sending: SendOptions = {
      ...{ target: targetOf(options), retryMsMax: options.retryMsMax, signal },
      onRetry: options.onRetry ?? (() => undefined),
    }
    const error = await inParallel(options.parallel, batches, halt, (batch) =>
      settleBatch(batch, { sending, counts, rejects }, deps),
    )
    const outcome = error !== undefined ? 'failed' : options.stop.aborted ? 'stopped' : 'finished'
    const { events, imported, refused } = counts
    return { outcome, error, events, imported, refused, brokenFiles, firstRejects: rejects.first() }
  } finally {
    await rejects.close()
  }
}

function targetOf({ url, secret }: ImportOptions): SendOptions['target'] {
  const path = url.pathname.replace(/\/*$/, '/import')
  return {
    url: new URL(`${path}?strict=1`, url),
    authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}`,
  }
}

/** Works on batches, several at a time. The first error halts the others after what they have in hand; it is returned. */
async function inParallel(
  parallel: number,
  batches: AsyncGenerator<Batch>,
  halt: AbortController,
  work: (batch: Batch) => Promise<void>,
): Promise<PenstockError | undefined> {
  const workThrough = async (): Promise<void> => {
    try {
      for await (const batch of batches) await work(batch)
    } catch (error) {
      halt.abort()
      throw error
    }
  }
  const done = await Promise.allSettled(Array.from({ length: parallel }, workThrough))
  const failed = done.find((result) => result.status === 'rejected')
  if (failed === undefined) return undefined
  if (failed.reason instanceof PenstockError) return failed.reason
  throw failed.reason
}
