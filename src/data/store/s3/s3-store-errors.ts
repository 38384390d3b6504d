/** What a failed request to the store's own S3 means for its operator. */
import type { AwsFailure } from '../../../aws/aws-failure.ts'
import { outsideError } from '../../../aws/outside-error.ts'
import { isClockTrouble, isThrottling, isUnavailable } from '../../../aws/transient-failure.ts'
import { PenstockError } from '../../../errors/penstock-error.ts'

export interface S3StoreRequest {
  action: 'PutObject' | 'GetObject' | 'DeleteObject' | 'ListBucket'
  /** Of the object; the prefix where objects are listed. */
  key: string
}

/** Words for the operator, and whether the same request may work a moment later. */
export type FailureMeaning = [words: string, isTransient: boolean]

const credentialsInvalid = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken'])
const credentialsExpired = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'])
const arrivedChanged = new Set(['BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch', 'RequestTimeout'])
const elsewhere = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed'])

const ofNetwork: Record<NonNullable<AwsFailure['network']>, FailureMeaning> = {
  dns: ["its host's name can't be resolved: check PENSTOCK_STORE_S3_ENDPOINT or the region, and DNS", true],
  tls: ['there is no trusted TLS connection: check its certificate, and NODE_EXTRA_CA_CERTS', false],
  refused: ['nothing takes connections there: check that it runs, and the route to it', true],
  timeout: ['there was no answer, or no progress, for too long', true],
  cut: ['the connection broke before the answer', true],
}

/** As it is inside: `retryable` says whether the next try may go better. */
export function s3StoreError(
  failure: AwsFailure,
  request: S3StoreRequest,
  location: string,
): PenstockError | undefined {
  const meaning = meaningOf(failure, request)
  if (meaning === undefined) return undefined
  const [words, isTransient] = meaning
  const { action, key } = request
  const isRead = action === 'GetObject' || action === 'ListBucket'
  const message = isRead
    ? `the event store can't be read: ${action} at ${location}, ${key}: ${words}`
    : `the event store can't be written: ${action} at ${location}, ${key}: ${words}; what was to be stored is not acknowledged: send it again, the same events are kept once`
  return outsideError(failure, isRead ? 'STORE_READ_FAILED' : 'STORE_WRITE_FAILED', message, isTransient)
}

/** Undefined: it is no failure of the other side. */
export function meaningOf(failure: AwsFailure, { action }: S3StoreRequest): FailureMeaning | undefined {
  const { code, status, network, bucketRegion } = failure
  if (network !== undefined) return ofNetwork[network]
  if (code === 'CredentialsProviderError')
    return ["there are no credentials: set PENSTOCK_STORE_S3_ACCESS_KEY_ID, or AWS's own way to them", false]
  if (status === 0) return undefined
  if (isClockTrouble(failure)) return ["this host's clock is too far from the server's: set it (NTP)", true]
  if (elsewhere.has(code) || status === 301)
    return [
      `the bucket is in ${bucketRegion ?? 'another region'}: set PENSTOCK_STORE_S3_REGION accordingly`,
      false,
    ]
  if (code === 'NoSuchBucket' || code === 'NotFound')
    return ['there is no such bucket: create it, or mend PENSTOCK_STORE_URL', false]
  if (credentialsInvalid.has(code))
    return ['its credentials are wrong: check PENSTOCK_STORE_S3_ACCESS_KEY_ID and its secret', false]
  if (credentialsExpired.has(code)) return ['its session has ended, and was not renewed', true]
  if (arrivedChanged.has(code)) return ['what arrived was not what was sent', true]
  if (isThrottling(failure)) return ['it asks for fewer requests', true]
  if (isUnavailable(failure)) return ['it has a fault of its own', true]
  if (status === 403) return [`it is denied: allow this process s3:${action} there`, false]
  // An answer that breaks off, or comes from something that is no S3.
  if (status >= 200 && status < 300) return ['the answer is none of S3', true]
  return ['the request is not accepted', false]
}

/** Outside everything may pass once the operator has mended it: what waits for the store waits on. */
export function asRetryable(error: unknown): unknown {
  if (!(error instanceof PenstockError) || error.retryable) return error
  const { kind, code, message, cause } = error
  return new PenstockError(kind, code, message, { cause, retryable: true })
}

/** An answer with a good status that is none, as when a proxy gives it. */
export function unreadable(request: S3StoreRequest, location: string, found: string): PenstockError {
  const { action, key } = request
  const code =
    action === 'PutObject' || action === 'DeleteObject' ? 'STORE_WRITE_FAILED' : 'STORE_READ_FAILED'
  return new PenstockError(
    'outside',
    code,
    `the event store's S3 gave no answer of S3: ${action} at ${location}, ${key}: ${found}`,
    { retryable: true },
  )
}
