/** Create, upload and abort of an upload in parts. Its end is in complete-multipart-upload.ts. */
import { type Answer, AwsError } from '../answer.ts'
import { type AwsRequest, queryValue } from '../request.ts'
import { writeXml } from '../xml.ts'
import { checksumHeaderName } from './checksum.ts'
import { encryptionHeaders, encryptNew, refuseEncryptionHeaders, useKey } from './encryption.ts'
import { s3Namespace } from './list-objects.ts'
import type { MultipartUpload } from './multipart-uploads.ts'
import { type Checksum, type ChecksumAlgorithm, checksumAlgorithms } from './object-metadata.ts'
import { etagOf, readObjectHeaders, requireMayWrite } from './put-object.ts'
import { receiveBody } from './receive-body.ts'
import { invalidArgument, invalidRequest } from './refusals.ts'
import { objectArn, requireAllowed, type S3Context } from './s3-context.ts'

const partNumberMax = 10_000

export async function createMultipartUpload(context: S3Context): Promise<Answer> {
  const { state, request, bucket, key, authentication } = context
  requireMayWrite(context)
  const algorithm = readAlgorithm(request)
  const upload = state.uploads.create({
    bucket: bucket.name,
    key,
    initiatedMs: state.nowMs(),
    initiator: authentication.principal.arn,
    headers: readObjectHeaders(request),
    // Later parts and the end of the upload decrypt what is there: AWS wants both from the start.
    encryption: encryptNew(context, ['kms:GenerateDataKey', 'kms:Decrypt']),
    checksumAlgorithm: algorithm,
    checksumType: readType(request, algorithm),
  })
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      ...encryptionHeaders(upload.encryption),
      ...(algorithm !== null && {
        'x-amz-checksum-algorithm': algorithm,
        'x-amz-checksum-type': upload.checksumType,
      }),
    },
    body: writeXml(
      [
        'InitiateMultipartUploadResult',
        [
          ['Bucket', bucket.name],
          ['Key', key],
          ['UploadId', upload.id],
        ],
      ],
      s3Namespace,
    ),
  }
}

export async function uploadPart(context: S3Context): Promise<Answer> {
  const { state, request, bucket, key } = context
  requireAllowed(context, 's3:PutObject', objectArn(bucket, key))
  refuseEncryptionHeaders(request)
  const upload = findUpload(context)
  const number = readPartNumber(request)
  useKey(context, upload.encryption, 'kms:GenerateDataKey')
  const pending = await state.objects.begin()
  try {
    const received = await receiveBody(context, (chunk) => pending.handle.writeFile(chunk))
    await pending.handle.close()
    requirePartChecksum(upload, received.checksum, received.checksumWasSent)
    // Refused where the upload ended while the part's bytes came in.
    findUpload(context)
    const part = {
      number,
      size: received.size,
      md5: received.md5,
      etag: etagOf(received.md5, upload.encryption),
      checksum: received.checksum,
      lastModifiedMs: state.nowMs(),
      path: pending.path,
    }
    state.uploads.putPart(upload, part)
    return {
      status: 200,
      headers: {
        etag: part.etag,
        [checksumHeaderName(part.checksum.algorithm)]: part.checksum.value,
        ...encryptionHeaders(upload.encryption),
      },
    }
  } catch (error) {
    await state.objects.discard(pending)
    throw error
  }
}

export async function abortMultipartUpload(context: S3Context): Promise<Answer> {
  const { state, bucket, key } = context
  requireAllowed(context, 's3:AbortMultipartUpload', objectArn(bucket, key))
  state.uploads.remove(findUpload(context))
  return { status: 204 }
}

/** The upload that the query names; throws `NoSuchUpload`. */
export function findUpload({ state, request, bucket, key }: S3Context): MultipartUpload {
  return state.uploads.find(queryValue(request, 'uploadId') ?? '', bucket.name, key)
}

function readPartNumber(request: AwsRequest): number {
  const text = queryValue(request, 'partNumber') ?? ''
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= partNumberMax) return Number(text)
  throw invalidArgument('partNumber', text, 'Part number must be an integer between 1 and 10000, inclusive')
}

function readAlgorithm(request: AwsRequest): ChecksumAlgorithm | null {
  const text = request.headers.get('x-amz-checksum-algorithm')
  const algorithm = checksumAlgorithms.find((name) => name === text?.toUpperCase())
  if (text !== undefined && algorithm === undefined) {
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    )
  }
  return algorithm ?? null
}

function readType(request: AwsRequest, algorithm: ChecksumAlgorithm | null): Checksum['type'] {
  const usual = algorithm === null || algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'
  const asked = request.headers.get('x-amz-checksum-type')
  if (asked === undefined || asked === usual) return usual
  const isPossible = asked === 'FULL_OBJECT' && algorithm?.startsWith('CRC')
  if (isPossible) return 'FULL_OBJECT'
  throw invalidRequest(
    `The ${asked} checksum type cannot be used with the ${algorithm ?? 'CRC64NVME'} checksum algorithm.`,
  )
}

function requirePartChecksum(upload: MultipartUpload, checksum: Checksum, wasSent: boolean): void {
  const wanted = upload.checksumAlgorithm
  if (wanted === null || (wasSent && checksum.algorithm === wanted)) return
  if (!wasSent && wanted === 'CRC64NVME') return
  throw new AwsError(
    400,
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${wasSent ? checksum.algorithm.toLowerCase() : 'null'}`,
  )
}
