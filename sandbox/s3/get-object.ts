import { type Answer, AwsError } from '../answer.ts'
import { type AwsRequest, queryValue } from '../request.ts'
import { checksumHeaders } from './checksum.ts'
import { encryptionHeaders, refuseEncryptionHeaders, useKey } from './encryption.ts'
import type { StoredObject } from './object-metadata.ts'
import { checkReadConditions } from './preconditions.ts'
import { noSuchKey } from './refusals.ts'
import { bucketArn, objectArn, requireAllowed, type S3Context } from './s3-context.ts'

/** GetObject: a whole object or a range of it. */
export async function getObject(context: S3Context): Promise<Answer> {
  const { state, request, bucket } = context
  const object = findReadable(context)
  useKey(context, object.encryption, 'kms:Decrypt')
  if (checkReadConditions(request, object) === 'not modified') return notModified(object)
  const range = readRange(request, object.size)
  return {
    ...describe(request, object, range),
    body: state.objects.read(bucket.name, object, range?.start ?? 0, range?.end ?? object.size),
  }
}

/** HeadObject: needs the key of an object only to show its checksum. */
export async function headObject(context: S3Context): Promise<Answer> {
  const object = findReadable(context)
  if (wantsChecksum(context.request)) useKey(context, object.encryption, 'kms:Decrypt')
  if (checkReadConditions(context.request, object) === 'not modified') return notModified(object)
  return describe(context.request, object, readRange(context.request, object.size))
}

function findReadable(context: S3Context): StoredObject {
  const { state, request, bucket, key } = context
  if (queryValue(request, 'partNumber') !== undefined) {
    throw new AwsError(501, 'NotImplemented', 'The sandbox does not implement reads by part number.')
  }
  refuseEncryptionHeaders(request)
  requireAllowed(context, 's3:GetObject', objectArn(bucket, key))
  const object = state.objects.get(bucket.name, key)
  if (object !== null) return object
  // Who may not list must not learn which keys there are.
  requireAllowed(context, 's3:ListBucket', bucketArn(bucket))
  throw noSuchKey(key)
}

interface ByteRange {
  readonly start: number
  /** One past the last byte. */
  readonly end: number
}

function describe(request: AwsRequest, object: StoredObject, range: ByteRange | null): Answer {
  const length = range === null ? object.size : range.end - range.start
  return {
    status: range === null ? 200 : 206,
    headers: {
      ...object.headers,
      'accept-ranges': 'bytes',
      'content-length': String(length),
      ...(range !== null && { 'content-range': `bytes ${range.start}-${range.end - 1}/${object.size}` }),
      ...validators(object),
      ...encryptionHeaders(object.encryption),
      ...(wantsChecksum(request) && range === null && checksumHeaders(object.checksum)),
    },
  }
}

function notModified(object: StoredObject): Answer {
  return { status: 304, headers: validators(object) }
}

function validators(object: StoredObject): Record<string, string> {
  return { etag: object.etag, 'last-modified': new Date(object.lastModifiedMs).toUTCString() }
}

function wantsChecksum(request: AwsRequest): boolean {
  return request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
}

/** Null where the whole object is meant: AWS ignores a Range that it can't read, and one with several ranges. */
function readRange(request: AwsRequest, size: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? []
  if (first === '' && last === '') return null
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null
  if (start >= size || end <= start) {
    throw new AwsError(416, 'InvalidRange', 'The requested range is not satisfiable', {
      fields: { RangeRequested: request.headers.get('range') ?? '', ActualObjectSize: String(size) },
      headers: { 'content-range': `bytes */${size}` },
    })
  }
  return { start, end }
}
