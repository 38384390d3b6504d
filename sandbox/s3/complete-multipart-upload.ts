import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type Answer, AwsError } from '../answer.ts'
import { writeXml } from '../xml.ts'
import { childText, type XmlElement } from '../xml-reader.ts'
import { checksumHeaderName, startChecksum } from './checksum.ts'
import { encryptionHeaders, useKey } from './encryption.ts'
import { s3Namespace } from './list-objects.ts'
import { findUpload } from './multipart-operations.ts'
import type { MultipartUpload, UploadedPart } from './multipart-uploads.ts'
import type { Checksum } from './object-metadata.ts'
import type { PendingFile } from './object-store.ts'
import { requireWritable } from './preconditions.ts'
import { etagOf } from './put-object.ts'
import { badChecksum } from './receive-body.ts'
import { objectArn, requireAllowed, type S3Context } from './s3-context.ts'
import { malformedXml, receiveXml } from './xml-body.ts'

const partBytesMin = 5 * 1024 * 1024

/** Joins the parts that the request lists into the object. */
export async function completeMultipartUpload(context: S3Context): Promise<Answer> {
  const { state, request, bucket, key } = context
  requireAllowed(context, 's3:PutObject', objectArn(bucket, key))
  const upload = findUpload(context)
  useKey(context, upload.encryption, 'kms:Decrypt')
  const parts = chooseParts(upload, await readPartList(context))
  requireWritable(request, state.objects.get(bucket.name, key))
  const pending = await state.objects.begin()
  try {
    const checksum = await join(upload, parts, pending)
    requirePromised(context, checksum)
    requireWritable(request, state.objects.get(bucket.name, key))
    const md5 = createHash('md5')
      .update(Buffer.concat(parts.map((part) => part.md5)))
      .digest()
    const object = state.objects.commit(bucket.name, pending, {
      key,
      size: parts.reduce((total, part) => total + part.size, 0),
      etag: etagOf(md5, upload.encryption, parts.length),
      lastModifiedMs: state.nowMs(),
      headers: upload.headers,
      encryption: upload.encryption,
      checksum,
      partCount: parts.length,
    })
    state.uploads.remove(upload)
    return {
      status: 200,
      headers: { 'content-type': 'application/xml', ...encryptionHeaders(upload.encryption) },
      body: describe(context, object.etag, checksum),
    }
  } finally {
    await state.objects.discard(pending)
  }
}

interface ListedPart {
  readonly number: number
  readonly etag: string
  readonly element: XmlElement
}

async function readPartList(context: S3Context): Promise<ListedPart[]> {
  // A checksum header here is about the whole object, not about this request's body.
  const headers = new Map(
    [...context.request.headers].filter(([name]) => !name.startsWith('x-amz-checksum-')),
  )
  const { root } = await receiveXml(
    { ...context, request: { ...context.request, headers } },
    'CompleteMultipartUpload',
  )
  const listed = root.children.map((element) => {
    const number = Number(childText(element, 'PartNumber') ?? Number.NaN)
    const etag = childText(element, 'ETag')
    if (element.name !== 'Part' || !Number.isInteger(number) || etag === null) throw malformedXml()
    return { number, etag, element }
  })
  if (listed.length === 0) throw malformedXml()
  return listed
}

function chooseParts(upload: MultipartUpload, listed: readonly ListedPart[]): UploadedPart[] {
  for (const [index, { number }] of listed.entries()) {
    if (index > 0 && number <= (listed[index - 1]?.number ?? 0)) {
      throw new AwsError(
        400,
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      )
    }
  }
  return listed.map((entry, index) => {
    const part = upload.parts.get(entry.number)
    if (part === undefined || !isSamePart(part, entry)) throw invalidPart(entry)
    if (part.size < partBytesMin && index < listed.length - 1) throw partTooSmall(part)
    return part
  })
}

function isSamePart(part: UploadedPart, { etag, element }: ListedPart): boolean {
  const checksum = childText(element, `Checksum${part.checksum.algorithm}`)
  return (
    etag.replaceAll('"', '') === part.etag.replaceAll('"', '') &&
    (checksum ?? part.checksum.value) === part.checksum.value
  )
}

async function join(
  upload: MultipartUpload,
  parts: readonly UploadedPart[],
  pending: PendingFile,
): Promise<Checksum> {
  const algorithm = upload.checksumAlgorithm ?? 'CRC64NVME'
  const whole = startChecksum(algorithm)
  for (const part of parts) {
    for await (const chunk of createReadStream(part.path)) {
      if (upload.checksumType === 'FULL_OBJECT') whole.update(chunk)
      await pending.handle.writeFile(chunk)
    }
    if (upload.checksumType === 'COMPOSITE') whole.update(Buffer.from(part.checksum.value, 'base64'))
  }
  const value = whole.digest().toString('base64')
  const suffix = upload.checksumType === 'COMPOSITE' ? `-${parts.length}` : ''
  return { algorithm, value: `${value}${suffix}`, type: upload.checksumType }
}

function requirePromised({ request }: S3Context, { algorithm, value }: Checksum): void {
  const promised = request.headers.get(checksumHeaderName(algorithm))
  if (promised !== undefined && promised.replace(/-\d+$/, '') !== value.replace(/-\d+$/, ''))
    throw badChecksum(algorithm)
}

function describe({ bucket, key }: S3Context, etag: string, { algorithm, value, type }: Checksum): string {
  return writeXml(
    [
      'CompleteMultipartUploadResult',
      [
        ['Bucket', bucket.name],
        ['Key', key],
        ['ETag', etag],
        [`Checksum${algorithm}`, value],
        ['ChecksumType', type],
      ],
    ],
    s3Namespace,
  )
}

function invalidPart({ number, etag }: ListedPart): AwsError {
  return new AwsError(
    400,
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { fields: { PartNumber: String(number), ETag: etag } },
  )
}

function partTooSmall({ number, size, etag }: UploadedPart): AwsError {
  return new AwsError(
    400,
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
    {
      fields: {
        ProposedSize: String(size),
        MinSizeAllowed: String(partBytesMin),
        PartNumber: String(number),
        ETag: etag,
      },
    },
  )
}
