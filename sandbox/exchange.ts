import type { AwsRequest } from './request.ts'
import type { RequestRecord } from './request-log.ts'

/** What a fault does to an answer on its way out. */
interface AnswerFault {
  readonly cutAfterBytes: number | null
  readonly bytesPerSecond: number | null
}

/** One request on its way through the sandbox. */
export interface Exchange {
  /** A fault may put a slow or short body in its place. */
  request: AwsRequest
  readonly record: RequestRecord
  readonly requestId: string
  answerFault: AnswerFault | null
  /** Ends when the connection or the sandbox closes: nothing waits longer than that. */
  readonly closed: AbortSignal
}
