import { PenstockError } from '../errors/penstock-error.ts'
import { type AwsFailure, AwsRequestError } from './aws-failure.ts'

/** One failure beyond this program, with AWS's own sentence at the end of ours. */
export function outsideError(
  failure: AwsFailure,
  code: string,
  message: string,
  retryable: boolean,
): PenstockError {
  return new PenstockError('outside', code, `${message}${saidByAws(failure)}`, {
    retryable,
    cause: new AwsRequestError(failure),
  })
}

function saidByAws({ said, code, status, requestId }: AwsFailure): string {
  if (status === 0) return said === '' ? '' : ` (${said})`
  const words = said === '' || said === 'UnknownError' ? '' : `: "${said}"`
  const request = requestId === undefined ? '' : `, request ${requestId}`
  return ` (answer: ${status} ${code}${words}${request})`
}
