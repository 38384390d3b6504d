/** One streaming PUT whose length and checksum are known before it starts, and what its answer has to say. */
import type { Readable } from 'node:stream'
import {
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { crc32Header } from '../../aws/crc32-header.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ExportFile } from '../export/export-file.ts'
import type { Checkpoint, DestinationTarget } from './destination.ts'
import { encryptionRequest } from './encryption.ts'
import { lastCheckpoint, lastPlace } from './last-checkpoint.ts'

/** What is put: a file's bytes, opened anew for each try, or nothing at all. */
export type ObjectContent = Pick<ExportFile, 'lengthBytes' | 'crc32'> & Partial<Pick<ExportFile, 'open'>>

/** The CRC32 of no bytes is 0. */
export const emptyContent: ObjectContent = { lengthBytes: 0, crc32: 0 }

/** @param checkpoint asked before each chunk of the body: one that has begun is not finished without the right to it */
export async function putObject(
  s3: S3Client,
  target: DestinationTarget,
  key: string,
  content: ObjectContent,
  signal: AbortSignal,
  checkpoint?: Checkpoint,
): Promise<PutObjectCommandOutput> {
  const input: PutObjectCommandInput = {
    Bucket: target.bucket,
    Key: key,
    ExpectedBucketOwner: target.bucketOwner,
    ContentLength: content.lengthBytes,
    // Of the whole object, so that S3 itself verifies at arrival the bytes that were sealed when the events came in.
    ChecksumCRC32: crc32Header(content.crc32),
    ...encryptionRequest(target),
  }
  const answer =
    content.open === undefined
      ? await s3.send(guarded({ ...input, Body: '' }, checkpoint), { abortSignal: signal })
      : await putStream(s3, input, content.open(checkpoint), signal, checkpoint)
  checkAnswer(answer, target, key, content)
  return answer
}

async function putStream(
  s3: S3Client,
  input: PutObjectCommandInput,
  body: Readable,
  signal: AbortSignal,
  checkpoint: Checkpoint | undefined,
): Promise<PutObjectCommandOutput> {
  // The HTTP client does not look at errors of the body: without this the request would hang until it times out.
  const broken = new AbortController()
  body.on('error', (error) => broken.abort(error))
  try {
    // No Content-Encoding: the object is a gzip file, and no client may inflate it behind its reader's back.
    const command = guarded({ ...input, Body: body, ContentType: 'application/json' }, checkpoint)
    return await s3.send(command, { abortSignal: AbortSignal.any([signal, broken.signal]) })
  } catch (error) {
    // Our own bytes could not be read: that is the reason, not the request that was broken off because of it.
    broken.signal.throwIfAborted()
    throw error
  } finally {
    body.destroy()
  }
}

function guarded(input: PutObjectCommandInput, checkpoint: Checkpoint | undefined): PutObjectCommand {
  const command = new PutObjectCommand(input)
  command.middlewareStack.add(lastCheckpoint(checkpoint), lastPlace)
  return command
}

/** A 200 may carry an error in its body, or come from something that is no S3; neither has an ETag. */
function checkAnswer(
  answer: PutObjectCommandOutput,
  { bucket, region }: DestinationTarget,
  key: string,
  { crc32 }: ObjectContent,
): void {
  const subject = `PutObject on bucket ${bucket} in ${region}: ${key}`
  if (answer.ETag === undefined)
    throw new PenstockError(
      'outside',
      'S3_ANSWER_UNREADABLE',
      `${subject} was answered without an ETag; tried again.`,
      {
        retryable: true,
      },
    )
  const { ChecksumCRC32: stored } = answer
  if (stored !== undefined && stored !== crc32Header(crc32))
    throw new PenstockError(
      'outside',
      'S3_CHECKSUM_MISMATCH',
      `${subject} was stored with CRC32 ${stored}; it is ${crc32Header(crc32)}; tried again.`,
      { retryable: true },
    )
}
