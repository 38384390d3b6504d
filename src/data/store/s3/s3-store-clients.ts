/** Clients of the store's own S3: bounded in time, without tries of their own. */
import { S3Client } from '@aws-sdk/client-s3'
import { observeRequests } from '../../../aws/aws-requests.ts'
import type { S3StoreOptions } from './s3-store-options.ts'

export interface S3StoreClients {
  /** What is written, listed and removed. Apart, so that no number of readers keeps events from being taken in. */
  writing: S3Client
  reading: S3Client
  close(): void
}

/** Connections at once. Writers are two commits and a merge; readers are bounded by the runs and downloads there may be. */
const writingSocketsMax = 32
const readingSocketsMax = 512

export async function createS3StoreClients(options: S3StoreOptions): Promise<S3StoreClients> {
  const writing = createClient(options, writingSocketsMax, options.writeMsMax)
  const reading = createClient(options, readingSocketsMax, options.readMsMax)
  // A region that nobody names is found out here, and not by the first event.
  await writing.config.region()
  return {
    writing,
    reading,
    close() {
      writing.destroy()
      reading.destroy()
    },
  }
}

/** A connection that doesn't come, or stands still for so long, is given up while there is time for another one. */
export function idleMsOf(msMax: number): number {
  return Math.min(30_000, msMax / 2)
}

function createClient(options: S3StoreOptions, socketsMax: number, msMax: number): S3Client {
  const { endpoint, credentials } = options
  // Whoever names a server of their own need not care for regions; AWS's own always has one.
  const region = options.region ?? (endpoint === undefined ? undefined : 'us-east-1')
  const agent = { keepAlive: true, maxSockets: socketsMax }
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    // AWS_ENDPOINT_URL is where destinations are.
    ignoreConfiguredEndpointUrls: true,
    forcePathStyle: options.pathStyle,
    maxAttempts: 1,
    // A commit waits for no extra turn to and fro.
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: silent,
    requestHandler: {
      connectionTimeout: Math.min(10_000, msMax / 4),
      socketTimeout: idleMsOf(msMax),
      httpAgent: agent,
      httpsAgent: agent,
      logger: silent,
    },
  })
  if (options.onRequest !== undefined) observeRequests(client, options.onRequest)
  return client
}

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
