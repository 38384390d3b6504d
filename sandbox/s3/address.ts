import { AwsError } from '../answer.ts'
import type { AwsRequest } from '../request.ts'

export interface S3Address {
  /** Empty where the request names no bucket. */
  readonly bucket: string
  /** Null where the request is about the bucket. */
  readonly key: string | null
  /** The region in the host name; null on loopback, which stands for every region. */
  readonly endpointRegion: string | null
}

interface HostForm {
  readonly bucket: string | null
  readonly region: string | null
}

/** Bucket and key, from the host (virtual-hosted) or the path. */
export function readAddress(request: AwsRequest): S3Address {
  const { bucket, region } = readHost(request.host)
  if (bucket !== null) return address(bucket, request.path.slice(1), region)
  const [, first = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? []
  return address(first, rest, region)
}

function address(bucket: string, key: string, endpointRegion: string | null): S3Address {
  if (Buffer.byteLength(key) > 1024) {
    throw new AwsError(400, 'KeyTooLongError', 'Your key is too long', {
      fields: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: '1024' },
    })
  }
  return { bucket, key: key === '' ? null : key, endpointRegion }
}

function readHost(host: string): HostForm {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const aws = /^(?:(.+)\.)?s3(?:\.dualstack)?(?:[.-]([a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?$/.exec(name)
  if (aws !== null) return { bucket: aws[1] ?? null, region: aws[2] ?? null }
  const loopback = /^(?:(.+)\.)?(?:localhost|127\.0\.0\.1)$/.exec(name)
  return { bucket: loopback?.[1] ?? null, region: null }
}
