/** How the AWS SDK's clients are made here: bounded, without retries of their own, and over TLS. */
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { z } from 'zod'
import { type AwsRequest, observeRequests } from '../../aws/aws-requests.ts'
import { refusePlainHttp } from './endpoints.ts'

export interface ClientOptions {
  region: string
  /** Undefined: AWS's own, or what the SDK's configuration file says. */
  endpoint: string | undefined
  allowPlainHttp: boolean
  connectTimeoutMs: number
  /** Without progress on the connection, in either direction. */
  idleTimeoutMs: number
  /** Told of each try of each request. */
  onRequest?: (request: AwsRequest) => void
}

interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** A function that is asked for each request; what it gives is not kept. */
export type CredentialsProvider = (() => Promise<Credentials>) & { memoized?: boolean }

/** Connections of one client to one host: as many as one run may upload at once, at most. */
const socketsMax = 64

/** Bodies longer than this are sent once the server has asked for them: a refusal comes before megabytes have left. */
const expectContinueBytes = 256 * 1024

export function createS3Client(
  options: ClientOptions & { pathStyle: boolean },
  credentials: CredentialsProvider,
) {
  const client = new S3Client({
    ...shared(options),
    credentials: alwaysAsk(credentials),
    forcePathStyle: options.pathStyle,
    expectContinueHeader: expectContinueBytes,
    // The checksum is in a header. By default the SDK would send it behind the body, which takes a chunked transfer that
    // other servers than AWS refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  client.middlewareStack.add(transportGuard(options), guardPlace)
  if (options.onRequest !== undefined) observeRequests(client, options.onRequest)
  return client
}

export function createStsClient(options: ClientOptions, credentials: CredentialsProvider) {
  const client = new STSClient({ ...shared(options), credentials })
  client.middlewareStack.add(transportGuard(options), guardPlace)
  if (options.onRequest !== undefined) observeRequests(client, options.onRequest)
  return client
}

export function createKmsClient(options: ClientOptions, credentials: CredentialsProvider) {
  const client = new KMSClient({ ...shared(options), credentials: alwaysAsk(credentials) })
  client.middlewareStack.add(transportGuard(options), guardPlace)
  if (options.onRequest !== undefined) observeRequests(client, options.onRequest)
  return client
}

function shared({ region, endpoint, connectTimeoutMs, idleTimeoutMs }: ClientOptions) {
  const agent = { keepAlive: true, maxSockets: socketsMax, timeout: idleTimeoutMs }
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    // Tries are counted in one place, tries.ts; the SDK's own would multiply them, and can't send a stream again.
    maxAttempts: 1,
    logger: silent,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: idleTimeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
      logger: silent,
    },
  }
}

/** The SDK keeps credentials until shortly before they end, also when S3 has refused them: the session decides here. */
function alwaysAsk(credentials: CredentialsProvider): CredentialsProvider {
  return Object.assign(() => credentials(), { memoized: true })
}

/** An endpoint may also come from the SDK's configuration file, which is read when the first request is made. */
function transportGuard({ allowPlainHttp }: ClientOptions) {
  return <Args extends { request: unknown }, Result>(next: (args: Args) => Promise<Result>) =>
    (args: Args): Promise<Result> => {
      if (!allowPlainHttp) refusePlainHttp(urlOf(args.request))
      return next(args)
    }
}

const guardPlace = { step: 'build', name: 'penstockTransportGuard', override: true } as const

const addressed = z.object({ protocol: z.string(), hostname: z.string() })

function urlOf(request: unknown): string {
  const { protocol, hostname } = addressed.parse(request)
  return `${protocol}//${hostname}`
}

// What the SDK has to say about retries and sockets is said by this program's own log, or has no reader.
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
