/** What delivery is told and what it offers. It knows buckets, roles and bytes: no project, no pipeline, no HTTP. */
import type { Logger } from 'pino'
import type { ExportFile } from '../export/export-file.ts'

export type DestinationLog = Pick<Logger, 'info' | 'warn'>

/** One bucket in somebody's AWS account, and the role that lets this program in. */
export interface DestinationTarget {
  bucket: string
  region: string
  roleArn: string
  /** Sent with every AssumeRole; the customer's trust policy demands it. */
  externalId: string
  /** 2 to 64 of `A-Z a-z 0-9 _ + = , . @ -`; tells the customer's CloudTrail whose session it was. */
  sessionName: string
  /** Of everything that is put, read, listed or deleted; ends in `/`, or is empty. The session may reach nothing else. */
  keyPrefix: string
  encryption: 'none' | 'aes' | 'kms'
  /** Key ARN, key id or alias; null with `kms` means the account's own `aws/s3` key. */
  kmsKeyId: string | null
  /** 12 digits; a bucket that belongs to another account is never written to. */
  bucketOwner: string
}

export interface FolderObject {
  key: string
  bytes: number
}

/**
 * Called before every try of a request that changes the bucket, retries included, and before each chunk of a file. Throws
 * when the caller no longer holds the right to write: a run whose lease went to another worker must not touch the folder
 * again.
 */
export type Checkpoint = () => void

export interface StoredObject {
  bytes: Uint8Array
  /** By the server's own word. */
  isEncryptedAsAsked: boolean
}

/** One target's bucket. Every call retries what may pass and raises a PenstockError for what may not. */
export interface Destination {
  /** Objects directly under `prefix`, which ends in `/` or is empty. */
  listFolder(prefix: string, signal: AbortSignal): Promise<FolderObject[]>
  putFile(key: string, file: ExportFile, signal: AbortSignal, checkpoint?: Checkpoint): Promise<void>
  /** An empty object, encrypted as the files are. */
  putMarker(key: string, signal: AbortSignal, checkpoint?: Checkpoint): Promise<void>
  /** A small object whole; undefined where there is none. One longer than `bytesMax` is an error. */
  getObject(key: string, bytesMax: number, signal: AbortSignal): Promise<Uint8Array | undefined>
  /** The same, with how it is encrypted. */
  readObject(key: string, bytesMax: number, signal: AbortSignal): Promise<StoredObject | undefined>
  /** Succeeds too where there is no such object. */
  deleteObject(key: string, signal: AbortSignal, checkpoint?: Checkpoint): Promise<void>
}

export interface Destinations {
  /**
   * Cheap: no request is made. Clients and sessions are shared by targets for which AssumeRole is sent the same.
   * @param log tells for whom it is
   * @param onUnanswered told of each try to change the bucket that ended without an answer and is made again: the network
   * may hold it, and it may be carried out later
   */
  open(target: DestinationTarget, log?: DestinationLog, onUnanswered?: () => void): Destination
  /** Lets sockets go and ends what still asks for credentials. */
  close(): void
}
