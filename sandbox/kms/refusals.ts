import { AwsError } from '../answer.ts'
import type { Refusals } from '../sigv4/authenticate.ts'

const badSignature = (message: string) => () => new AwsError(400, 'InvalidSignatureException', message)
const badToken = () =>
  new AwsError(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.')

/** How KMS refuses a signature: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
export const kmsRefusals: Refusals = {
  service: 'kms',
  unsigned: () => new AwsError(400, 'MissingAuthenticationTokenException', 'Missing Authentication Token'),
  unreadable: (problem) => new AwsError(400, 'IncompleteSignatureException', problem.message),
  skewed: badSignature('Signature expired, or not yet current.'),
  expired: badSignature('Signature expired.'),
  unknownKey: badToken,
  invalidToken: badToken,
  expiredToken: () =>
    new AwsError(400, 'ExpiredTokenException', 'The security token included in the request is expired'),
  signatureDoesNotMatch: badSignature(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ),
}
