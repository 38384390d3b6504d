/** What every AWS service answers alike when the same request may work a moment later. */
import type { AwsFailure } from './aws-failure.ts'

const throttling =
  /^(SlowDown|Throttling|ThrottlingException|ThrottledException|TooManyRequests|TooManyRequestsException|RequestLimitExceeded|RequestThrottled|RequestThrottledException|BandwidthLimitExceeded)$/

const unavailable =
  /^(InternalError|InternalFailure|InternalServerError|ServiceUnavailable|OperationAborted|ConditionalRequestConflict|TemporaryRedirect|RequestTimeout|RequestTimeoutException|IDPCommunicationError)$/

export function isThrottling({ code, status }: AwsFailure): boolean {
  return status === 429 || throttling.test(code)
}

/** 501 says that the server can't do it at all, 507 that it is full: neither passes by itself. */
export function isUnavailable({ code, status }: AwsFailure): boolean {
  return unavailable.test(code) || (status >= 500 && status !== 501 && status !== 507)
}

/** STS reports a skewed clock as a wrong signature; the SDK, which compares clocks, tells the two apart. */
export function isClockTrouble({ code, clockCorrected }: AwsFailure): boolean {
  return clockCorrected || code === 'RequestTimeTooSkewed'
}
