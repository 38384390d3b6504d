import { AwsError } from '../answer.ts'
import type { Refusals } from '../sigv4/authenticate.ts'

const invalidClientToken = () =>
  new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')

const signatureExpired = (signed: { timestamp: string }, nowMs: number) =>
  new AwsError(
    403,
    'SignatureDoesNotMatch',
    `Signature expired: ${signed.timestamp} is more than 15 min from ${new Date(nowMs).toISOString()}`,
  )

/** How STS refuses a signature. */
export const stsRefusals: Refusals = {
  service: 'sts',
  unsigned: () => new AwsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'),
  unreadable: (problem) => new AwsError(400, 'IncompleteSignature', problem.message),
  skewed: signatureExpired,
  expired: signatureExpired,
  unknownKey: invalidClientToken,
  invalidToken: invalidClientToken,
  expiredToken: () =>
    new AwsError(403, 'ExpiredToken', 'The security token included in the request is expired'),
  signatureDoesNotMatch: () =>
    new AwsError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ),
}
