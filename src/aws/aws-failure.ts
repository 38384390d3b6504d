/** What a request that failed tells: parsed once from whatever the SDK threw, and all that the rest goes by. */
import { z } from 'zod'
import { type AwsDenial, readAwsDenial } from './aws-denial.ts'
import { type NetworkTrouble, networkTrouble } from './network-trouble.ts'

export interface AwsFailure {
  /** AWS's error code (`NoSuchBucket`, `KMS.DisabledException`); the error's name where no answer came. */
  code: string
  /** Of the answer; 0 where there was none. */
  status: number
  /** What AWS says, fit for an error message: short, one line, without anything that could be a key or a token. */
  said: string
  /** Where it is a denial that AWS explains. */
  denial: AwsDenial | undefined
  /** The bucket's real region, where the answer tells. */
  bucketRegion: string | undefined
  requestId: string | undefined
  network: NetworkTrouble | undefined
  /** The server's clock said that ours is off, and the SDK signs by the server's from now on. */
  clockCorrected: boolean
}

const text = z.string().optional().catch(undefined)

const sdkError = z.object({
  name: text,
  message: text,
  Code: text,
  Region: text,
  $metadata: z
    .object({
      httpStatusCode: z.number().optional(),
      requestId: text,
      clockSkewCorrected: z.boolean().optional(),
    })
    .optional()
    .catch(undefined),
  $response: z
    .object({ statusCode: z.number().optional(), headers: z.record(z.string(), z.string()).optional() })
    .optional()
    .catch(undefined),
})

export function readAwsFailure(error: unknown): AwsFailure {
  const parsed = sdkError.safeParse(error)
  const fields = parsed.success ? parsed.data : {}
  const status = fields.$metadata?.httpStatusCode ?? fields.$response?.statusCode ?? 0
  return {
    code: fields.Code ?? fields.name ?? 'Unknown',
    status,
    said: quotable(fields.message ?? ''),
    denial: readAwsDenial(fields.message ?? ''),
    bucketRegion: fields.$response?.headers?.['x-amz-bucket-region'] ?? fields.Region,
    requestId: fields.$metadata?.requestId,
    network: status === 0 ? networkTrouble(error) : undefined,
    clockCorrected: fields.$metadata?.clockSkewCorrected ?? false,
  }
}

/**
 * Stands in for the SDK's error as `cause`. The original carries the whole answer, and S3 puts the session token into
 * the answer to an expired or malformed one: it must never reach a log.
 */
export class AwsRequestError extends Error {
  readonly code: string
  readonly status: number
  readonly requestId: string | undefined
  readonly denial: AwsDenial | undefined

  constructor(failure: AwsFailure) {
    super(`${failure.code} (status ${failure.status}): ${failure.said}`)
    this.name = 'AwsRequestError'
    this.code = failure.code
    this.status = failure.status
    this.requestId = failure.requestId
    this.denial = failure.denial
  }
}

const saidLengthMax = 300

function quotable(message: string): string {
  return message
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{8,}\b/g, '(access key id)')
    .replace(/[A-Za-z0-9+/=]{40,}/g, '(left out)')
    .slice(0, saidLengthMax)
    .trim()
}
