/** ListParts and ListMultipartUploads. */
import type { Answer } from '../answer.ts'
import { queryValue } from '../request.ts'
import { optionalXml, writeXml, type XmlNode } from '../xml.ts'
import { s3Namespace } from './list-objects.ts'
import { findUpload } from './multipart-operations.ts'
import { invalidArgument } from './refusals.ts'
import { bucketArn, objectArn, requireAllowed, type S3Context } from './s3-context.ts'

const pageCountMax = 1000

export async function listParts(context: S3Context): Promise<Answer> {
  const { bucket, key } = context
  requireAllowed(context, 's3:ListMultipartUploadParts', objectArn(bucket, key))
  const upload = findUpload(context)
  const marker = readCount(context, 'part-number-marker', 0)
  const countMax = Math.min(pageCountMax, readCount(context, 'max-parts', pageCountMax))
  const after = [...upload.parts.values()]
    .sort((a, b) => a.number - b.number)
    .filter(({ number }) => number > marker)
  const page = after.slice(0, countMax)
  return xml('ListPartsResult', [
    ['Bucket', bucket.name],
    ['Key', key],
    ['UploadId', upload.id],
    ['StorageClass', 'STANDARD'],
    ['PartNumberMarker', marker],
    ...optionalXml('NextPartNumberMarker', page.at(-1)?.number),
    ['MaxParts', countMax],
    ['IsTruncated', page.length < after.length],
    ...page.map(
      (part): XmlNode => [
        'Part',
        [
          ['PartNumber', part.number],
          ['LastModified', new Date(part.lastModifiedMs).toISOString()],
          ['ETag', part.etag],
          ['Size', part.size],
          [`Checksum${part.checksum.algorithm}`, part.checksum.value],
        ],
      ],
    ),
  ])
}

export async function listMultipartUploads(context: S3Context): Promise<Answer> {
  const { state, request, bucket } = context
  requireAllowed(context, 's3:ListBucketMultipartUploads', bucketArn(bucket))
  const prefix = queryValue(request, 'prefix') ?? ''
  const keyMarker = queryValue(request, 'key-marker') ?? ''
  const countMax = Math.min(pageCountMax, readCount(context, 'max-uploads', pageCountMax))
  const after = afterMarker(
    state.uploads.of(bucket.name).filter(({ key }) => key.startsWith(prefix)),
    keyMarker,
    queryValue(request, 'upload-id-marker') ?? '',
  )
  const page = after.slice(0, countMax)
  const last = page.length < after.length ? page.at(-1) : undefined
  return xml('ListMultipartUploadsResult', [
    ['Bucket', bucket.name],
    ['KeyMarker', keyMarker],
    ['UploadIdMarker', queryValue(request, 'upload-id-marker') ?? ''],
    ...optionalXml('NextKeyMarker', last?.key),
    ...optionalXml('NextUploadIdMarker', last?.id),
    ['Prefix', prefix],
    ['MaxUploads', countMax],
    ['IsTruncated', last !== undefined],
    ...page.map(
      (upload): XmlNode => [
        'Upload',
        [
          ['Key', upload.key],
          ['UploadId', upload.id],
          ['Initiator', [['ID', upload.initiator]]],
          ['StorageClass', 'STANDARD'],
          ['Initiated', new Date(upload.initiatedMs).toISOString()],
        ],
      ],
    ),
  ])
}

function afterMarker<Upload extends { key: string; id: string }>(
  uploads: readonly Upload[],
  keyMarker: string,
  idMarker: string,
): Upload[] {
  const marked = uploads.findIndex(({ key, id }) => key === keyMarker && id === idMarker)
  if (marked >= 0) return uploads.slice(marked + 1)
  return uploads.filter(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(keyMarker)) > 0)
}

function readCount({ request }: S3Context, name: string, usual: number): number {
  const text = queryValue(request, name)
  if (text === undefined) return usual
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw invalidArgument(name, text, `Provided ${name} not an integer or within integer range`)
}

function xml(root: string, content: readonly XmlNode[]): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: writeXml([root, content], s3Namespace),
  }
}
