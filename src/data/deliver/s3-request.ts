import type { DestinationTarget } from './destination.ts'

/** One request to a bucket, as far as an error has to tell of it. */
export interface S3Request {
  action: 'ListBucket' | 'GetObject' | 'PutObject' | 'DeleteObject'
  target: DestinationTarget
  /** Of the object; the prefix where objects are listed. */
  key: string
}
