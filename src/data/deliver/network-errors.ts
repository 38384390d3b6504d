/** Errors of a request that got no answer. */

import type { AwsFailure } from '../../aws/aws-failure.ts'
import type { NetworkTrouble } from '../../aws/network-trouble.ts'
import { outsideError } from '../../aws/outside-error.ts'
import type { PenstockError } from '../../errors/penstock-error.ts'

/** @param subject what was being done, as the start of a sentence: `PutObject on bucket acme-raw in us-west-2` */
export function networkError(failure: AwsFailure, trouble: NetworkTrouble, subject: string): PenstockError {
  switch (trouble) {
    case 'dns':
      return outsideError(
        failure,
        'DESTINATION_HOST_NOT_FOUND',
        `${subject}: the endpoint's name could not be resolved. Check the region, AWS_ENDPOINT_URL where it is set, and this host's DNS.`,
        true,
      )
    case 'tls':
      return outsideError(
        failure,
        'DESTINATION_TLS_FAILED',
        `${subject}: no trusted TLS connection. Check the endpoint's certificate, what inspects TLS on the way, and NODE_EXTRA_CA_CERTS for a private authority.`,
        false,
      )
    case 'refused':
      return outsideError(
        failure,
        'DESTINATION_UNREACHABLE',
        `${subject}: nothing takes connections there. Check this host's route, firewall and proxy to AWS.`,
        true,
      )
    case 'timeout':
      return outsideError(
        failure,
        'DESTINATION_TIMED_OUT',
        `${subject}: no answer, or no progress, for too long. It is tried again; if it stays, check the network to AWS.`,
        true,
      )
    case 'cut':
      return outsideError(
        failure,
        'DESTINATION_CONNECTION_CUT',
        `${subject}: the connection broke before the answer. It is tried again; if it stays, check what lies between this host and AWS.`,
        true,
      )
  }
}

const unansweredCodes: ReadonlySet<string> = new Set(['DESTINATION_TIMED_OUT', 'DESTINATION_CONNECTION_CUT'])

/** Whether the request may have left: nobody has said what became of it, and it may yet arrive. */
export function isUnanswered({ code }: PenstockError): boolean {
  return unansweredCodes.has(code)
}
