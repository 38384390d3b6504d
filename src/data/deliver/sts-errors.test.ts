import { STSServiceException } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { assumeRoleError, ownCredentialsMissingError } from './sts-errors.ts'

const role = { roleArn: 'arn:aws:iam::222222222222:role/penstock-export', region: 'us-west-2' }

function thrown(status: number, name: string, clockSkewCorrected?: boolean) {
  return new STSServiceException({
    name,
    $fault: status < 500 ? 'client' : 'server',
    message: '',
    $metadata: { httpStatusCode: status, ...(clockSkewCorrected && { clockSkewCorrected }) },
  })
}

test.each([
  [403, 'AccessDenied', 'STS_ROLE_DENIED', false],
  [404, 'NoSuchEntity', 'STS_ROLE_NOT_FOUND', false],
  [403, 'RegionDisabledException', 'STS_REGION_DISABLED', false],
  [403, 'InvalidClientTokenId', 'OWN_CREDENTIALS_INVALID', false],
  [403, 'InvalidAccessKeyId', 'OWN_CREDENTIALS_INVALID', false],
  [403, 'SignatureDoesNotMatch', 'OWN_CREDENTIALS_INVALID', false],
  [403, 'ExpiredToken', 'OWN_CREDENTIALS_EXPIRED', true],
  [403, 'ExpiredTokenException', 'OWN_CREDENTIALS_EXPIRED', true],
  [403, 'RequestTimeTooSkewed', 'CLOCK_SKEWED', true],
  [400, 'Throttling', 'STS_THROTTLED', true],
  [429, 'TooManyRequestsException', 'STS_THROTTLED', true],
  [500, 'InternalFailure', 'STS_UNAVAILABLE', true],
  [503, 'ServiceUnavailable', 'STS_UNAVAILABLE', true],
  [400, 'ValidationError', 'STS_REFUSED', false],
  [400, 'MalformedPolicyDocument', 'STS_SESSION_POLICY_REFUSED', false],
  [400, 'MalformedPolicyDocumentException', 'STS_SESSION_POLICY_REFUSED', false],
  [400, 'PackedPolicyTooLarge', 'STS_SESSION_POLICY_REFUSED', false],
] as const)('%d %s of AssumeRole is %s, retryable %s', (status, name, code, retryable) => {
  const error = assumeRoleError(readAwsFailure(thrown(status, name)), role)
  expect(error).toMatchObject({ kind: 'outside', code, retryable })
})

test('a wrong signature is the clock where the SDK has found it to be off', () => {
  const error = assumeRoleError(readAwsFailure(thrown(403, 'SignatureDoesNotMatch', true)), role)
  expect(error).toMatchObject({ code: 'CLOCK_SKEWED', retryable: true })
})

test('a denial names role, external ID and both policies', () => {
  const { message } = assumeRoleError(readAwsFailure(thrown(403, 'AccessDenied')), role)
  expect(message).toContain(role.roleArn)
  expect(message).toContain("StringEquals sts:ExternalId = the project's token")
  expect(message).toContain(`Policy of the principal: Allow sts:AssumeRole on ${role.roleArn}`)
})

test('no answer from STS is trouble of the network', () => {
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  expect(assumeRoleError(readAwsFailure(reset), role)).toMatchObject({ code: 'DESTINATION_CONNECTION_CUT' })
})

test('own credentials that are missing may come back only where their source did not answer', () => {
  expect(ownCredentialsMissingError(readAwsFailure(new Error('nothing in the chain')))).toMatchObject({
    code: 'OWN_CREDENTIALS_MISSING',
    retryable: false,
  })
  const timeout = Object.assign(new Error('no answer'), { name: 'TimeoutError' })
  expect(ownCredentialsMissingError(readAwsFailure(timeout)).retryable).toBe(true)
})
