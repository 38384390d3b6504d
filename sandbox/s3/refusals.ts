import { AwsError } from '../answer.ts'
import type { Refusals } from '../sigv4/authenticate.ts'

/** How S3 refuses a signature. */
export const s3Refusals: Refusals = {
  service: 's3',
  unsigned: accessDenied,
  unreadable: ({ form, message }) =>
    form === 'query'
      ? new AwsError(400, 'AuthorizationQueryParametersError', message)
      : new AwsError(
          400,
          'AuthorizationHeaderMalformed',
          `The authorization header is malformed; ${message}`,
        ),
  skewed: ({ timestamp }, nowMs) =>
    new AwsError(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        fields: {
          RequestTime: timestamp,
          ServerTime: new Date(nowMs).toISOString(),
          MaxAllowedSkewMilliseconds: '900000',
        },
      },
    ),
  expired: ({ signedAtMs, expiresSeconds }, nowMs) =>
    new AwsError(
      403,
      'AccessDenied',
      signedAtMs > nowMs ? 'Request is not valid yet' : 'Request has expired',
      {
        fields: { 'X-Amz-Expires': String(expiresSeconds), ServerTime: new Date(nowMs).toISOString() },
      },
    ),
  unknownKey: (accessKeyId) =>
    new AwsError(
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { fields: { AWSAccessKeyId: accessKeyId } },
    ),
  invalidToken: () =>
    new AwsError(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.'),
  expiredToken: () => new AwsError(400, 'ExpiredToken', 'The provided token has expired.'),
  signatureDoesNotMatch: (accessKeyId, signature, canonical) =>
    new AwsError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      {
        fields: { AWSAccessKeyId: accessKeyId, SignatureProvided: signature, CanonicalRequest: canonical },
      },
    ),
}

export function accessDenied(): AwsError {
  return new AwsError(403, 'AccessDenied', 'Access Denied')
}

export function invalidRequest(message: string): AwsError {
  return new AwsError(400, 'InvalidRequest', message)
}

export function invalidArgument(name: string, value: string, message: string): AwsError {
  return new AwsError(400, 'InvalidArgument', message, {
    fields: { ArgumentName: name, ArgumentValue: value },
  })
}

export function noSuchKey(key: string): AwsError {
  return new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { fields: { Key: key } })
}

export function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    { fields: { Condition: condition } },
  )
}
