/** Where S3, STS and KMS are: AWS itself, or what the operator's environment says. A tenant has no part in it. */
import { isSafeEndpoint } from '../../aws/safe-endpoint.ts'
import { PenstockError } from '../../errors/penstock-error.ts'

export interface Endpoints {
  s3: string | undefined
  sts: string | undefined
  /** Null: S3 is somebody else's than AWS, and no KMS is named beside it. */
  kms: string | undefined | null
}

type Environment = Record<string, string | undefined>

/** Reads `AWS_ENDPOINT_URL_S3`, `…_STS`, `…_KMS` and `AWS_ENDPOINT_URL` as every AWS SDK reads them. */
export function readEndpoints(env: Environment, allowPlainHttp: boolean): Endpoints {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true')
    return { s3: undefined, sts: undefined, kms: undefined }
  const endpoint = (name: string): string | undefined => {
    const url = env[name] || env.AWS_ENDPOINT_URL || undefined
    if (url !== undefined && !allowPlainHttp) refusePlainHttp(url)
    return url
  }
  const s3 = endpoint('AWS_ENDPOINT_URL_S3')
  return {
    s3,
    sts: endpoint('AWS_ENDPOINT_URL_STS'),
    kms: endpoint('AWS_ENDPOINT_URL_KMS') ?? (s3 === undefined ? undefined : null),
  }
}

export function refusePlainHttp(url: string): void {
  if (isSafeEndpoint(url)) return
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const found = parsed === undefined ? 'an AWS endpoint that is no URL' : `${parsed.protocol}//${parsed.host}`
  throw new PenstockError(
    'caller',
    'DESTINATION_ENDPOINT_NOT_TLS',
    `AWS endpoint: found ${found}, expected https://…, or http:// on loopback. Set AWS_ENDPOINT_URL to an https URL, or PENSTOCK_ALLOW_PLAIN_HTTP_ENDPOINTS=true to send events and credentials in the clear.`,
  )
}
