/** The canonical request of Signature Version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
import type { AwsRequest } from '../request.ts'

/** What S3 and STS sign of a request. Their canonical path is the decoded path, encoded once. */
export function canonicalRequest(
  request: AwsRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  return [
    request.method,
    encodePath(request.path),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers.get(name) ?? '')}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export function encodeComponent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function encodePath(path: string): string {
  return path.split('/').map(encodeComponent).join('/')
}

function canonicalQuery(query: AwsRequest['query']): string {
  return query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => ({ name: encodeComponent(name), value: encodeComponent(value) }))
    .sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

function canonicalValue(value: string): string {
  return value.trim().replace(/ +/g, ' ')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
