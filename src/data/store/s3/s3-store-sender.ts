/** Sends requests to the store's own S3, each tried until it passes or its time is over. */
import { readAwsFailure } from '../../../aws/aws-failure.ts'
import { tryUntilItPasses } from '../../../aws/tries.ts'
import { waitRealTime } from '../../../aws/wait.ts'
import { asRetryable, type S3StoreRequest, s3StoreError } from './s3-store-errors.ts'
import type { S3StoreOptions } from './s3-store-options.ts'

export interface S3StoreSender {
  /**
   * @param signal ends its tries
   * @throws PenstockError `STORE_READ_FAILED` or `STORE_WRITE_FAILED`
   */
  send<Answer>(
    request: S3StoreRequest,
    sendOnce: () => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer>
  /** What goes wrong in such a request; undefined where it is this program's own fault. */
  explain(error: unknown, request: S3StoreRequest): Error | undefined
  /** Nothing is sent any more: what waits for its next try fails. */
  close(): void
}

/** @param location for people: `s3://bucket/prefix` */
export function createS3StoreSender(options: S3StoreOptions, location: string): S3StoreSender {
  const { wait = waitRealTime, log } = options
  const explain = (error: unknown, request: S3StoreRequest) =>
    s3StoreError(readAwsFailure(error), request, location)
  const closed = new AbortController()
  return {
    explain,
    close: () => closed.abort(new Error('the event store is closed')),
    async send(request, sendOnce, signal = never) {
      const isRead = request.action === 'GetObject' || request.action === 'ListBucket'
      const untilMs = performance.now() + (isRead ? options.readMsMax : options.writeMsMax)
      try {
        return await tryUntilItPasses({
          before: async () => closed.signal.throwIfAborted(),
          send: sendOnce,
          explain: (error) => explain(error, request),
          signal,
          wait: (waitMs, ended) => wait(waitMs, AbortSignal.any([ended, closed.signal])),
          goesOn: (_tries, waitMs) => !closed.signal.aborted && performance.now() + waitMs < untilMs,
          onRetry: ({ code, cause }, waitMs) =>
            log.info({ ...request, code, err: cause, waitMs }, 'event store: trying again'),
        })
      } catch (error) {
        throw asRetryable(error)
      }
    },
  }
}

const never = new AbortController().signal
