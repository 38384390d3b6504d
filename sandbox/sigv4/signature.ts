import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Day, region and service that a signing key is good for. */
export interface CredentialScope {
  readonly date: string
  readonly region: string
  readonly service: string
}

export function scopeText(scope: CredentialScope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`
}

export function signingKey(secret: string, scope: CredentialScope): Buffer {
  const parts = [scope.date, scope.region, scope.service, 'aws4_request']
  return parts.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

/** The signature of a whole request, from its canonical form. */
export function requestSignature(
  key: Buffer,
  timestamp: string,
  scope: CredentialScope,
  canonical: string,
): string {
  return hmac(
    key,
    ['AWS4-HMAC-SHA256', timestamp, scopeText(scope), sha256Hex(canonical)].join('\n'),
  ).toString('hex')
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

export function sameSignature(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
