/** The Simple Storage Service: from a request to the operation that answers it. */
import { type Answer, AwsError } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import { authenticate } from '../sigv4/authenticate.ts'
import type { SandboxState } from '../state.ts'
import type { World, WorldBucket } from '../world.ts'
import { writeXml } from '../xml.ts'
import type { S3Address } from './address.ts'
import { getBucketLocation, headBucket } from './bucket-operations.ts'
import { completeMultipartUpload } from './complete-multipart-upload.ts'
import { deleteObject } from './delete-object.ts'
import { deleteObjects } from './delete-objects.ts'
import { encryptionHeaderNames } from './encryption.ts'
import { getObject, headObject } from './get-object.ts'
import { listMultipartUploads, listParts } from './list-multipart.ts'
import { listObjects } from './list-objects.ts'
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './multipart-operations.ts'
import { readCall, type S3Operation } from './operation.ts'
import { readPayloadHash, refuseUnsignedHeaders } from './payload-hash.ts'
import { putObject, requireExpectedOwner } from './put-object.ts'
import { s3Refusals } from './refusals.ts'
import type { S3Context } from './s3-context.ts'

const operations: Record<S3Operation, (context: S3Context) => Promise<Answer>> = {
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  ListObjectsV2: listObjects,
  HeadBucket: headBucket,
  GetBucketLocation: getBucketLocation,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
}

/** Answers a request to S3; throws AwsError. */
export async function serveS3(state: SandboxState, exchange: Exchange): Promise<Answer> {
  const { request, record } = exchange
  for (const name of encryptionHeaderNames) {
    const value = request.headers.get(name)
    if (value !== undefined) record.encryption[name] = value
  }
  const { operation, address } = readCall(request)
  record.action = operation
  record.bucket = address.bucket
  record.key = address.key

  const payloadHash = readPayloadHash(request)
  const world = state.world.current
  const identities = { world, sessions: state.sessions, nowMs: state.nowMs() }
  const authentication = authenticate(request, payloadHash, identities, s3Refusals)
  record.principal = authentication.principal.arn
  if (authentication.signed.form === 'header') {
    refuseUnsignedHeaders(request, authentication.signed.signedHeaders)
  }
  await state.faults.strike(exchange)

  const bucket = findBucket(world, address, authentication.signed.scope.region)
  requireExpectedOwner(request, bucket.account)
  return await operations[operation]({
    state,
    // The fault may have put another body in.
    request: exchange.request,
    record,
    authentication,
    payloadHash,
    bucket,
    key: address.key ?? '',
  })
}

/** S3's form of an error. */
export function s3ErrorAnswer(error: AwsError, requestId: string): Answer {
  const content = writeXml([
    'Error',
    [
      ['Code', error.code],
      ['Message', error.message],
      ...Object.entries(error.fields),
      ['RequestId', requestId],
      ['HostId', hostId(requestId)],
    ],
  ])
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: content,
  }
}

export function hostId(requestId: string): string {
  return Buffer.from(`sandbox-host-id-of-${requestId}`).toString('base64')
}

function findBucket(world: World, address: S3Address, signedRegion: string): WorldBucket {
  if (address.endpointRegion !== null && signedRegion !== address.endpointRegion) {
    throw new AwsError(
      400,
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${signedRegion}' is wrong; expecting '${address.endpointRegion}'`,
      { fields: { Region: address.endpointRegion } },
    )
  }
  const bucket = world.buckets.find(({ name }) => name === address.bucket)
  if (bucket === undefined) {
    throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist', {
      fields: { BucketName: address.bucket },
    })
  }
  if (bucket.region === signedRegion) return bucket
  throw new AwsError(
    301,
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      fields: { Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com`, Bucket: bucket.name },
      headers: { 'x-amz-bucket-region': bucket.region },
    },
  )
}
