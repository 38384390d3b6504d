import { createHash, randomBytes } from 'node:crypto'
import { type Answer, AwsError } from '../answer.ts'
import type { AwsRequest } from '../request.ts'
import { checksumHeaders } from './checksum.ts'
import { encryptionConditions, encryptionHeaders, encryptNew } from './encryption.ts'
import type { ObjectEncryption } from './object-metadata.ts'
import { requireWritable } from './preconditions.ts'
import { receiveBody } from './receive-body.ts'
import { accessDenied } from './refusals.ts'
import { objectArn, requireAllowed, type S3Context } from './s3-context.ts'

const keptHeaders = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires']
const metadataBytesMax = 2048

/** PutObject: the object is there, whole and verified, or nothing is. */
export async function putObject(context: S3Context): Promise<Answer> {
  const { state, request, bucket, key } = context
  requireMayWrite(context)
  const headers = readObjectHeaders(request)
  const encryption = encryptNew(context, ['kms:GenerateDataKey'])
  requireWritable(request, state.objects.get(bucket.name, key))
  const pending = await state.objects.begin()
  try {
    const received = await receiveBody(context, (chunk) => pending.handle.writeFile(chunk))
    // Looked at again: another upload may have been first while this one's bytes came in.
    requireWritable(request, state.objects.get(bucket.name, key))
    const object = state.objects.commit(bucket.name, pending, {
      key,
      size: received.size,
      etag: etagOf(received.md5, encryption),
      lastModifiedMs: state.nowMs(),
      headers,
      encryption,
      checksum: received.checksum,
      partCount: null,
    })
    return {
      status: 200,
      headers: {
        etag: object.etag,
        ...checksumHeaders(object.checksum),
        ...encryptionHeaders(object.encryption),
      },
    }
  } finally {
    await state.objects.discard(pending)
  }
}

/** Permission to write, and to set the ACL where one is sent; ACLs themselves are off, as in every bucket since 2023. */
export function requireMayWrite(context: S3Context): void {
  const { request, bucket, key } = context
  requireAllowed(context, 's3:PutObject', objectArn(bucket, key), encryptionConditions(context))
  const acl = request.headers.get('x-amz-acl')
  const grants = [...request.headers.keys()].some((name) => name.startsWith('x-amz-grant-'))
  if (acl === undefined && !grants) return
  requireAllowed(context, 's3:PutObjectAcl', objectArn(bucket, key))
  if (acl !== 'bucket-owner-full-control' || grants) {
    throw new AwsError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs')
  }
}

/** The MD5 of what was sent, but of an object under KMS something that is not one. */
export function etagOf(
  md5: Buffer,
  { algorithm }: ObjectEncryption,
  partCount: number | null = null,
): string {
  const value = algorithm === 'aws:kms' ? createHash('md5').update(randomBytes(16)).digest() : md5
  return `"${value.toString('hex')}${partCount === null ? '' : `-${partCount}`}"`
}

/** The headers that are kept with an object and answered again. */
export function readObjectHeaders(request: AwsRequest): Record<string, string> {
  const headers: Record<string, string> = {}
  let metadataBytes = 0
  for (const [name, value] of request.headers) {
    if (keptHeaders.includes(name)) headers[name] = value
    if (!name.startsWith('x-amz-meta-')) continue
    headers[name] = value
    metadataBytes += Buffer.byteLength(name.slice('x-amz-meta-'.length)) + Buffer.byteLength(value)
  }
  if (metadataBytes > metadataBytesMax) {
    throw new AwsError(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      { fields: { Size: String(metadataBytes), MaxSizeAllowed: String(metadataBytesMax) } },
    )
  }
  headers['content-type'] ??= 'binary/octet-stream'
  const encoding = (request.headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'aws-chunked')
  if (encoding.length > 0) headers['content-encoding'] = encoding.join(',')
  return headers
}

/** Refuses a caller that expects the bucket to belong to somebody else. */
export function requireExpectedOwner(request: AwsRequest, account: string): void {
  const expected = request.headers.get('x-amz-expected-bucket-owner')
  if (expected === undefined) return
  if (!/^\d{12}$/.test(expected)) {
    throw new AwsError(
      400,
      'InvalidBucketOwnerAWSAccountID',
      'The value of the expected bucket owner parameter must be an AWS account ID',
    )
  }
  if (expected !== account) throw accessDenied()
}
