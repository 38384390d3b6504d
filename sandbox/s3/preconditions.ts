/** Conditional requests: If-Match, If-None-Match and the two about time. */
import { AwsError } from '../answer.ts'
import type { AwsRequest } from '../request.ts'
import type { StoredObject } from './object-metadata.ts'
import { noSuchKey, preconditionFailed } from './refusals.ts'

/** Throws where a write is conditional on what is there, and that is not so. */
export function requireWritable(request: AwsRequest, existing: StoredObject | null): void {
  const ifNoneMatch = request.headers.get('if-none-match')
  const ifMatch = request.headers.get('if-match')
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new AwsError(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      {
        fields: { Header: 'If-None-Match' },
      },
    )
  }
  if (ifNoneMatch !== undefined && existing !== null) throw preconditionFailed('If-None-Match')
  if (ifMatch === undefined) return
  if (existing === null) throw noSuchKey('')
  if (!namesEtag(ifMatch, existing.etag)) throw preconditionFailed('If-Match')
}

/** What a conditional read comes to: go on, or 304. Throws where it is 412. */
export function checkReadConditions(request: AwsRequest, object: StoredObject): 'read' | 'not modified' {
  const modifiedMs = Math.floor(object.lastModifiedMs / 1000) * 1000
  const ifMatch = request.headers.get('if-match')
  const unmodifiedSince = Date.parse(request.headers.get('if-unmodified-since') ?? '')
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, object.etag)) throw preconditionFailed('If-Match')
  } else if (modifiedMs > unmodifiedSince) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  const ifNoneMatch = request.headers.get('if-none-match')
  if (ifNoneMatch !== undefined) return namesEtag(ifNoneMatch, object.etag) ? 'not modified' : 'read'
  const modifiedSince = Date.parse(request.headers.get('if-modified-since') ?? '')
  return modifiedMs <= modifiedSince ? 'not modified' : 'read'
}

function namesEtag(header: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^"|"$/g, '')
  return header.split(',').some((candidate) => candidate.trim() === '*' || bare(candidate) === bare(etag))
}
