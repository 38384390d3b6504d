import { S3ServiceException } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { acmeTarget } from '../../../test/support/delivery-sandbox.ts'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { s3Error } from './s3-errors.ts'
import type { S3Request } from './s3-request.ts'

interface Answer {
  status: number
  code: string
  message?: string
  region?: string
}

/** As the SDK throws it. */
function thrown({ status, code, message = '', region }: Answer) {
  const error = new S3ServiceException({
    name: code,
    $fault: status < 500 ? 'client' : 'server',
    message,
    $metadata: { httpStatusCode: status, requestId: 'R1' },
  })
  const headers = region === undefined ? {} : { 'x-amz-bucket-region': region }
  return Object.assign(error, { $response: { statusCode: status, headers } })
}

const explain = (error: unknown, action: S3Request['action'] = 'PutObject', target = acmeTarget) =>
  s3Error(readAwsFailure(error), { action, target, key: 'acme/42/complete' })

test.each([
  [404, 'NoSuchBucket', 'S3_BUCKET_NOT_FOUND', false],
  [404, 'NotFound', 'S3_BUCKET_NOT_FOUND', false],
  [301, 'PermanentRedirect', 'S3_BUCKET_REGION_MISMATCH', false],
  [400, 'AuthorizationHeaderMalformed', 'S3_BUCKET_REGION_MISMATCH', false],
  [400, 'IllegalLocationConstraintException', 'S3_BUCKET_REGION_MISMATCH', false],
  [403, 'AccessDenied', 'S3_PUT_DENIED', false],
  [403, 'AllAccessDisabled', 'S3_PUT_DENIED', false],
  [400, 'KMS.DisabledException', 'KMS_KEY_DISABLED', false],
  [400, 'KMS.NotFoundException', 'KMS_KEY_NOT_FOUND', false],
  [400, 'KMS.KMSInvalidStateException', 'KMS_KEY_STATE_INVALID', false],
  [400, 'KMS.AccessDeniedException', 'KMS_ACCESS_DENIED', false],
  [400, 'KMS.ThrottlingException', 'KMS_THROTTLED', true],
  [400, 'KMS.InvalidKeyUsageException', 'KMS_REFUSED', false],
  [500, 'KMS.KMSInternalException', 'KMS_REFUSED', true],
  [400, 'ExpiredToken', 'S3_SESSION_EXPIRED', true],
  [400, 'TokenRefreshRequired', 'S3_SESSION_EXPIRED', true],
  [400, 'InvalidToken', 'S3_SESSION_INVALID', false],
  [403, 'InvalidAccessKeyId', 'S3_SESSION_INVALID', false],
  [403, 'SignatureDoesNotMatch', 'S3_SIGNATURE_REFUSED', false],
  [403, 'RequestTimeTooSkewed', 'CLOCK_SKEWED', true],
  [503, 'SlowDown', 'S3_THROTTLED', true],
  [429, 'TooManyRequests', 'S3_THROTTLED', true],
  [400, 'RequestLimitExceeded', 'S3_THROTTLED', true],
  [500, 'InternalError', 'S3_UNAVAILABLE', true],
  [200, 'InternalError', 'S3_UNAVAILABLE', true],
  [503, 'ServiceUnavailable', 'S3_UNAVAILABLE', true],
  [502, 'Unknown', 'S3_UNAVAILABLE', true],
  [409, 'OperationAborted', 'S3_UNAVAILABLE', true],
  [307, 'TemporaryRedirect', 'S3_UNAVAILABLE', true],
  [400, 'RequestTimeout', 'S3_REQUEST_TIMED_OUT', true],
  [400, 'BadDigest', 'S3_CHECKSUM_MISMATCH', true],
  [400, 'IncompleteBody', 'S3_CHECKSUM_MISMATCH', true],
  [400, 'EntityTooLarge', 'S3_FILE_TOO_LARGE', false],
  [403, 'QuotaExceeded', 'S3_QUOTA_EXCEEDED', false],
  [507, 'InsufficientStorage', 'S3_QUOTA_EXCEEDED', false],
  [411, 'MissingContentLength', 'S3_REQUEST_REFUSED', false],
  [501, 'NotImplemented', 'S3_REQUEST_REFUSED', false],
  [400, 'InvalidArgument', 'S3_REQUEST_REFUSED', false],
  [200, 'SyntaxError', 'S3_ANSWER_UNREADABLE', true],
] as const)('%d %s is %s, retryable %s', (status, awsCode, code, retryable) => {
  expect(explain(thrown({ status, code: awsCode }))).toMatchObject({ kind: 'outside', code, retryable })
})

test.each([
  ['ENOTFOUND', 'DESTINATION_HOST_NOT_FOUND', true],
  ['EAI_AGAIN', 'DESTINATION_HOST_NOT_FOUND', true],
  ['ECONNREFUSED', 'DESTINATION_UNREACHABLE', true],
  ['ENETUNREACH', 'DESTINATION_UNREACHABLE', true],
  ['ETIMEDOUT', 'DESTINATION_TIMED_OUT', true],
  ['ECONNRESET', 'DESTINATION_CONNECTION_CUT', true],
  ['EPIPE', 'DESTINATION_CONNECTION_CUT', true],
  ['HPE_INVALID_CONSTANT', 'DESTINATION_CONNECTION_CUT', true],
  ['CERT_HAS_EXPIRED', 'DESTINATION_TLS_FAILED', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'DESTINATION_TLS_FAILED', false],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'DESTINATION_TLS_FAILED', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'DESTINATION_TLS_FAILED', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'DESTINATION_TLS_FAILED', false],
  ['EPROTO', 'DESTINATION_TLS_FAILED', false],
])('%s before an answer is %s, retryable %s', (nodeCode, code, retryable) => {
  const error = Object.assign(new Error('it broke'), { code: nodeCode })
  expect(explain(error)).toMatchObject({ kind: 'outside', code, retryable })
  // As Node reports a host of which no address answered.
  expect(explain(new AggregateError([error]))).toMatchObject({ code, retryable })
})

describe('a message', () => {
  test('names the region that the bucket is in, and the one that the pipeline says', () => {
    const error = explain(thrown({ status: 301, code: 'PermanentRedirect', region: 'eu-west-1' }))
    expect(error.message).toContain(
      'bucket acme-events is in eu-west-1; the pipeline says us-west-2. Create it again with s3_region=eu-west-1.',
    )
  })

  test('names the region from a denial too, where the answer tells that the bucket is elsewhere', () => {
    expect(explain(thrown({ status: 403, code: 'AccessDenied', region: 'eu-west-1' }))).toMatchObject({
      code: 'S3_BUCKET_REGION_MISMATCH',
    })
    expect(explain(thrown({ status: 403, code: 'AccessDenied', region: 'us-west-2' }))).toMatchObject({
      code: 'S3_PUT_DENIED',
    })
  })

  test.each([
    ['ListBucket', 'S3_LIST_DENIED', 'Allow s3:ListBucket on arn:aws:s3:::acme-events in'],
    ['PutObject', 'S3_PUT_DENIED', 'Allow s3:PutObject on arn:aws:s3:::acme-events/* in'],
    ['DeleteObject', 'S3_DELETE_DENIED', 'Allow s3:DeleteObject on arn:aws:s3:::acme-events/* in'],
  ] as const)(
    'of a denied %s says what to allow, where, and that the owner may be another',
    (action, code, words) => {
      const error = explain(thrown({ status: 403, code: 'AccessDenied' }), action)
      expect(error.code).toBe(code)
      expect(error.message).toContain(words)
      expect(error.message).toContain('belongs to account 222222222222')
    },
  )

  test('names the partition of the role in what to allow', () => {
    const target = { ...acmeTarget, roleArn: acmeTarget.roleArn.replace('arn:aws:', 'arn:aws-cn:') }
    expect(explain(thrown({ status: 403, code: 'AccessDenied' }), 'PutObject', target).message).toContain(
      'arn:aws-cn:s3:::acme-events/*',
    )
  })

  test('tells a denial of KMS from one of S3 by the action that S3 quotes', () => {
    const message =
      'User: arn:aws:sts::222222222222:assumed-role/r/s is not authorized to perform: kms:GenerateDataKey on resource: arn'
    expect(explain(thrown({ status: 403, code: 'AccessDenied', message }))).toMatchObject({
      code: 'KMS_ACCESS_DENIED',
      message: expect.stringContaining('kms:GenerateDataKey'),
    })
  })

  test("quotes AWS's sentence on one line, without what may be a key or a token", () => {
    const message = `line one\nASIAQWERTYUIOPASDFGH ${'x'.repeat(60)} ${'long '.repeat(200)}`
    const error = explain(thrown({ status: 400, code: 'InvalidArgument', message }))
    expect(error.message).toContain('400 InvalidArgument: "line one (access key id) (left out) long')
    expect(error.message).toContain('request R1')
    expect(error.message.length).toBeLessThan(500)
  })
})
