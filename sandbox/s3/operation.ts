/** Which operation of S3 a request asks for, and on what. Everything that is not here is answered 501. */
import { AwsError } from '../answer.ts'
import { type AwsRequest, queryValue } from '../request.ts'
import { readAddress, type S3Address } from './address.ts'

export const s3ActionNames = [
  'PutObject',
  'GetObject',
  'HeadObject',
  'DeleteObject',
  'DeleteObjects',
  'ListObjectsV2',
  'HeadBucket',
  'GetBucketLocation',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'ListParts',
  'ListMultipartUploads',
] as const

export type S3Operation = (typeof s3ActionNames)[number]

export interface S3Call {
  readonly operation: S3Operation
  readonly address: S3Address
}

/** Query parameters that make another operation of a request; those that make one of ours are in `operations`. */
const otherSubresources = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'versionId',
  'versioning',
  'versions',
  'website',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
]

/** Headers that ask for something that the sandbox does not do: refused, rather than ignored. */
const otherHeaders = [
  'x-amz-copy-source',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-write-offset-bytes',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-context',
  'x-amz-mfa',
]

/** Subresource (or '' for none) by method, for a bucket and for an object. */
const operations: Record<'bucket' | 'object', Record<string, S3Operation>> = {
  bucket: {
    'HEAD ': 'HeadBucket',
    'GET location': 'GetBucketLocation',
    'GET list-type': 'ListObjectsV2',
    'GET uploads': 'ListMultipartUploads',
    'POST delete': 'DeleteObjects',
  },
  object: {
    'PUT ': 'PutObject',
    'PUT uploadId': 'UploadPart',
    'GET ': 'GetObject',
    'GET uploadId': 'ListParts',
    'HEAD ': 'HeadObject',
    'DELETE ': 'DeleteObject',
    'DELETE uploadId': 'AbortMultipartUpload',
    'POST uploads': 'CreateMultipartUpload',
    'POST uploadId': 'CompleteMultipartUpload',
  },
}

/** Reads what a request asks of S3; throws `NotImplemented` for what the sandbox does not have. */
export function readCall(request: AwsRequest): S3Call {
  const address = readAddress(request)
  const has = (name: string) => queryValue(request, name) !== undefined
  if (otherSubresources.some(has)) throw notImplemented()
  for (const header of otherHeaders) if (request.headers.has(header)) throw notImplemented(header)
  const known = ['location', 'list-type', 'uploads', 'uploadId', 'delete'].filter(has)
  const table = operations[address.key === null ? 'bucket' : 'object']
  const operation = known.length > 1 ? undefined : table[`${request.method} ${known[0] ?? ''}`]
  if (operation === undefined || address.bucket === '') throw notImplemented()
  if (operation === 'ListObjectsV2' && queryValue(request, 'list-type') !== '2') throw notImplemented()
  return { operation, address }
}

function notImplemented(header?: string): AwsError {
  return new AwsError(
    501,
    'NotImplemented',
    header === undefined
      ? 'The sandbox does not implement this operation.'
      : 'A header you provided implies functionality that is not implemented.',
    { fields: header === undefined ? {} : { Header: header } },
  )
}
