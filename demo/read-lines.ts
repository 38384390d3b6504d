import { gunzipSync } from 'node:zlib'
import type { BucketObject } from './read-bucket.ts'

/** The lines of an exported file, or undefined where the object is none. */
export function readLines({ key, body }: BucketObject): string[] | undefined {
  if (!key.endsWith('.json.gz')) return undefined
  try {
    const text = gunzipSync(body).toString()
    if (text !== '' && !text.endsWith('\n')) return undefined
    return text.split('\n').slice(0, -1)
  } catch {
    return undefined
  }
}
