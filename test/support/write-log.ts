/** What was written to a bucket, in order, as the server's own request log has it. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { sandboxControl } from './sandbox-control.ts'

export interface Write {
  method: 'PUT' | 'DELETE'
  key: string
  /** The encryption that the request asked for. */
  encryption: { algorithm: string | undefined; kmsKeyId: string | undefined; bucketKey: string | undefined }
}

/** Writes of exports that succeeded, of one bucket of a sandbox. */
export async function sandboxWrites(url: string, bucket: string): Promise<Write[]> {
  const records = await sandboxControl(url).requests()
  return records
    .filter((record) => record.bucket === bucket && isWrite(record.method, record.status ?? 0))
    .filter(({ key }) => !isProbe(key ?? ''))
    .map(({ method, key, encryption }) => ({
      method: method as Write['method'],
      key: key ?? '',
      encryption: {
        algorithm: encryption['x-amz-server-side-encryption'],
        kmsKeyId: encryption['x-amz-server-side-encryption-aws-kms-key-id'],
        bucketKey: encryption['x-amz-server-side-encryption-bucket-key-enabled'],
      },
    }))
}

const gatewayLine = z.object({
  status: z.number(),
  method: z.string(),
  uri: z.string(),
  sse: z.string(),
  kmsKey: z.string(),
})

/** The same of one bucket of the Ceph gateway, from the log of the proxy before it, which omits bucket keys. */
export async function gatewayWrites(logFile: string, bucket: string): Promise<Write[]> {
  const lines = jsonLines(await readFile(logFile, 'utf8')).map((line) => gatewayLine.parse(line))
  return lines
    .filter(({ method, status, uri }) => isWrite(method, status) && uri.startsWith(`/${bucket}/`))
    .map(({ method, uri, sse, kmsKey }) => ({
      method: method as Write['method'],
      key: decodeURIComponent(uri.slice(`/${bucket}/`.length).replace(/\?.*$/, '')),
      encryption: { algorithm: sse || undefined, kmsKeyId: kmsKey || undefined, bucketKey: undefined },
    }))
    .filter(({ key }) => !isProbe(key))
}

/** Of a connection test, not of an export. */
function isProbe(key: string): boolean {
  return key.includes('/_penstock_probe/')
}

function isWrite(method: string, status: number): boolean {
  return (method === 'PUT' || method === 'DELETE') && status >= 200 && status < 300
}

function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
