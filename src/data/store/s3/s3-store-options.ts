import type { Logger } from 'pino'
import type { AwsRequest } from '../../../aws/aws-requests.ts'
import type { Wait } from '../../../aws/wait.ts'

/** An S3 of the operator's own. It shares nothing with destinations: no client, no endpoint, no session of a role. */
export interface S3StoreOptions {
  bucket: string
  /** Without a slash at its ends; empty: the whole bucket. */
  prefix: string
  /** Undefined: AWS's own. */
  endpoint: string | undefined
  /** Undefined: what the AWS SDK finds. */
  region: string | undefined
  /** Undefined: the AWS SDK's default chain. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined
  pathStyle: boolean
  /** How long a write or removal is tried again. */
  writeMsMax: number
  /** How long a read that gets nothing is tried again. */
  readMsMax: number
  log: Pick<Logger, 'info' | 'warn'>
  /** Told of each try of each request. */
  onRequest?: (request: AwsRequest) => void
  wait?: Wait
}
