/** Where the event store is, as `PENSTOCK_STORE_URL` says it. */
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export type StoreLocation =
  | { kind: 'files'; folder: string }
  /** `prefix` has no slash at its ends; empty: the whole bucket. */
  | { kind: 's3'; bucket: string; prefix: string }

export const storeUrl = z.string().transform((text, context): StoreLocation => {
  const location = text.startsWith('s3://') ? parseBucket(text) : parseFolder(text)
  if (location !== undefined) return location
  context.addIssue({
    code: 'custom',
    message: 'must be a URL like file:///var/lib/penstock/events or s3://bucket/prefix',
  })
  return z.NEVER
})

function parseFolder(text: string): StoreLocation | undefined {
  if (!text.startsWith('file:///') || !URL.canParse(text)) return undefined
  return { kind: 'files', folder: fileURLToPath(text) }
}

/** A prefix of plain characters: what S3 and every list of its keys spell alike. */
function parseBucket(text: string): StoreLocation | undefined {
  const [, bucket, path = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.=-]+)*)\/?$/.exec(text) ?? []
  const prefix = path.slice(1)
  if (bucket === undefined || prefix.split('/').some((part) => /^\.+$/.test(part))) return undefined
  return { kind: 's3', bucket, prefix }
}
