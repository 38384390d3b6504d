import { AwsError } from '../answer.ts'
import { type AwsRequest, queryValue } from '../request.ts'
import { accessDenied, invalidArgument, invalidRequest } from './refusals.ts'

const streamed = [
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
]

/** What the body is signed as: its SHA-256, UNSIGNED-PAYLOAD, or one of the STREAMING forms. */
export function readPayloadHash(request: AwsRequest): string {
  const presigned = queryValue(request, 'X-Amz-Algorithm') !== undefined
  // Who does not sign at all is told that, and not how to say what is signed.
  if (!presigned && !request.headers.has('authorization')) throw accessDenied()
  const value =
    request.headers.get('x-amz-content-sha256') ??
    queryValue(request, 'X-Amz-Content-Sha256') ??
    (presigned ? 'UNSIGNED-PAYLOAD' : undefined)
  if (value === undefined) {
    throw invalidRequest('Missing required header for this request: x-amz-content-sha256')
  }
  if (value !== 'UNSIGNED-PAYLOAD' && !streamed.includes(value) && !/^[0-9a-f]{64}$/.test(value)) {
    throw invalidArgument(
      'x-amz-content-sha256',
      value,
      `x-amz-content-sha256 must be UNSIGNED-PAYLOAD, ${streamed.join(', ')}, or a valid sha256 value.`,
    )
  }
  return value
}

/** S3 wants every x-amz- header signed, so that none can be added on the way. */
export function refuseUnsignedHeaders(request: AwsRequest, signedHeaders: readonly string[]): void {
  const unsigned = [...request.headers.keys()].filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  )
  if (unsigned.length === 0) return
  throw new AwsError(403, 'AccessDenied', 'There were headers present in the request which were not signed', {
    fields: { HeadersNotSigned: unsigned.join(', ') },
  })
}
