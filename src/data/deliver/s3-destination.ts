/** A bucket, by the requests that a customer's policy allows. */
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { readAwsFailure } from '../../aws/aws-failure.ts'
import { tryUntilItPasses } from '../../aws/tries.ts'
import type { Wait } from '../../aws/wait.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type {
  Checkpoint,
  Destination,
  DestinationLog,
  DestinationTarget,
  FolderObject,
} from './destination.ts'
import { confirmsEncryption } from './encryption.ts'
import { createFirstAlone, type FirstAlone } from './first-alone.ts'
import { lastCheckpoint, lastPlace } from './last-checkpoint.ts'
import { checkFolderSize, listPage } from './list-folder.ts'
import { isUnanswered } from './network-errors.ts'
import { emptyContent, type ObjectContent, putObject } from './put-object.ts'
import { readObject } from './read-object.ts'
import type { RoleSession } from './role-session.ts'
import { s3Error } from './s3-errors.ts'
import type { S3Request } from './s3-request.ts'
import { withLiveSession } from './with-live-session.ts'

export interface S3DestinationDeps {
  /** Signs with `session`'s credentials. */
  s3: S3Client
  session: RoleSession
  wait: Wait
  log: DestinationLog
  onRetry(action: string): void
  /** See `Destinations`. */
  onUnanswered?: (() => void) | undefined
}

const cleanUpMs = 30_000

type Send<Answer> = () => Promise<Answer>

export function createS3Destination(deps: S3DestinationDeps, target: DestinationTarget): Destination {
  // A server that does not encrypt as asked is found out by one object, not by as many as are uploaded at once.
  const inTurn: FirstAlone = target.encryption === 'none' ? (task) => task() : createFirstAlone()
  const put = (key: string, content: ObjectContent, signal: AbortSignal, checkpoint?: Checkpoint) =>
    inTurn(() => putConfirmed(deps, target, key, content, signal, checkpoint))
  const read = (key: string, bytesMax: number, signal: AbortSignal) =>
    send(deps, { action: 'GetObject', target, key }, signal, undefined, () =>
      readObject(deps.s3, target, key, bytesMax, signal),
    )
  return {
    listFolder: (prefix, signal) => listFolder(deps, target, prefix, signal),
    putFile: put,
    putMarker: (key, signal, checkpoint) => put(key, emptyContent, signal, checkpoint),
    getObject: async (key, bytesMax, signal) => (await read(key, bytesMax, signal))?.bytes,
    readObject: read,
    deleteObject: (key, signal, checkpoint) => deleteObject(deps, target, key, signal, checkpoint),
  }
}

async function putConfirmed(
  deps: S3DestinationDeps,
  target: DestinationTarget,
  key: string,
  content: ObjectContent,
  signal: AbortSignal,
  checkpoint: Checkpoint | undefined,
): Promise<void> {
  const request = { action: 'PutObject', target, key } as const
  const answer = await send(deps, request, signal, checkpoint, () =>
    putObject(deps.s3, target, key, content, signal, checkpoint),
  )
  if (confirmsEncryption(target, answer)) return
  try {
    // By a signal of its own: that another upload has failed meanwhile is no reason to leave it there.
    await deleteObject(deps, target, key, AbortSignal.timeout(cleanUpMs), checkpoint)
  } catch (error) {
    deps.log.warn(
      { err: error, bucket: target.bucket, key },
      'an object without the encryption asked for stays',
    )
  }
  throw notConfirmed(target, key, answer.ServerSideEncryption, answer.SSEKMSKeyId)
}

async function deleteObject(
  deps: S3DestinationDeps,
  target: DestinationTarget,
  key: string,
  signal: AbortSignal,
  checkpoint: Checkpoint | undefined,
): Promise<void> {
  const request = { action: 'DeleteObject', target, key } as const
  const command = new DeleteObjectCommand({
    Bucket: target.bucket,
    Key: key,
    ExpectedBucketOwner: target.bucketOwner,
  })
  command.middlewareStack.add(lastCheckpoint(checkpoint), lastPlace)
  await send(deps, request, signal, checkpoint, async () => {
    const { $metadata } = await deps.s3.send(command, { abortSignal: signal })
    // Anything else with a 200 may be an error in the body, which the SDK doesn't look at: `complete` would still be there.
    if ($metadata.httpStatusCode !== 204) throw notDeleted(target, key, $metadata.httpStatusCode)
  })
}

async function listFolder(
  deps: S3DestinationDeps,
  target: DestinationTarget,
  prefix: string,
  signal: AbortSignal,
): Promise<FolderObject[]> {
  const request = { action: 'ListBucket', target, key: prefix } as const
  const objects: FolderObject[] = []
  let from: string | undefined
  do {
    const page = await send(deps, request, signal, undefined, () =>
      listPage(deps.s3, target, prefix, from, signal),
    )
    objects.push(...page.objects)
    checkFolderSize(objects, target, prefix)
    from = page.next
  } while (from !== undefined)
  return objects
}

function send<Answer>(
  { session, wait, log, onRetry, onUnanswered }: S3DestinationDeps,
  request: S3Request,
  signal: AbortSignal,
  checkpoint: Checkpoint | undefined,
  sendOnce: Send<Answer>,
): Promise<Answer> {
  const live = withLiveSession(session, signal, checkpoint)
  return tryUntilItPasses({
    before: live.prepare,
    send: () => live.send(sendOnce),
    explain: (error) => explain(error, request),
    signal,
    wait,
    onRetry: (error, waitMs) => {
      const { action, key } = request
      onRetry(action)
      if (isChange(action) && isUnanswered(error)) onUnanswered?.()
      log.info({ action, key, code: error.code, waitMs }, 'destination: trying again')
    },
  })
}

function isChange(action: S3Request['action']): boolean {
  return action === 'PutObject' || action === 'DeleteObject'
}

/** Neither an answer nor trouble of the network: the error is this program's own, and stays what it is. */
function explain(error: unknown, request: S3Request): PenstockError | undefined {
  const failure = readAwsFailure(error)
  return failure.status === 0 && failure.network === undefined ? undefined : s3Error(failure, request)
}

function notDeleted({ bucket, region }: DestinationTarget, key: string, status = 0): PenstockError {
  return new PenstockError(
    'outside',
    'S3_ANSWER_UNREADABLE',
    `DeleteObject on bucket ${bucket} in ${region}: ${key} was answered ${status}, expected 204; tried again.`,
    { retryable: true },
  )
}

function notConfirmed(
  { bucket, encryption, kmsKeyId }: DestinationTarget,
  key: string,
  algorithm: string | undefined,
  answeredKey: string | undefined,
): PenstockError {
  const asked = encryption === 'aes' ? 'AES256' : `aws:kms with ${kmsKeyId ?? 'the default key'}`
  const found =
    algorithm === undefined ? 'no encryption' : [algorithm, answeredKey].filter(Boolean).join(' with ')
  return new PenstockError(
    'outside',
    'S3_ENCRYPTION_NOT_CONFIRMED',
    `bucket ${bucket}: ${key} was to be encrypted by ${asked}; the server's answer names ${found}. The object is deleted again. Create the pipeline again with an s3_encryption that this server confirms.`,
  )
}
