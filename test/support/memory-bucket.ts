/** A bucket in memory that keeps S3's promises, and can be told to break off at a step. */
import { gunzipSync } from 'node:zlib'
import type { Destinations, FolderObject } from '../../src/data/deliver/destination.ts'

export interface MemoryBucket {
  destinations: Destinations
  objects: Map<string, Buffer>
  /** What was asked of it, in order: `put <key>`, `delete <key>`, `list <prefix>`. */
  requests: string[]
  /** Called before and after each request takes effect; what it throws is what the request ends with. */
  strike: (request: string, when: 'before' | 'after') => void
  /** Whether the first try of such a change gets no answer; the next one does. */
  losesAnswer: (request: string) => boolean
  /** The lines of a folder's data files. */
  lines(folder: string): string[]
}

type Effect = () => void | Promise<void>

export function createMemoryBucket(): MemoryBucket {
  const objects = new Map<string, Buffer>()
  const requests: string[] = []
  const asked = async (request: string, effect: Effect): Promise<void> => {
    bucket.strike(request, 'before')
    requests.push(request)
    await effect()
    bucket.strike(request, 'after')
  }
  const changed = async (request: string, onUnanswered: (() => void) | undefined, effect: Effect) => {
    if (bucket.losesAnswer(request)) onUnanswered?.()
    await asked(request, effect)
  }
  const bucket: MemoryBucket = {
    objects,
    requests,
    strike: () => {},
    losesAnswer: () => false,
    lines: (folder) =>
      [...objects]
        .filter(([key]) => key.startsWith(folder) && key.endsWith('.json.gz'))
        .flatMap(([, gzip]) => linesOf(gzip)),
    destinations: {
      open: (_target, _log, onUnanswered) => ({
        listFolder: async (prefix) => {
          const found: FolderObject[] = []
          await asked(`list ${prefix}`, () => {
            for (const [key, { length }] of objects)
              if (key.startsWith(prefix)) found.push({ key, bytes: length })
          })
          return found
        },
        putFile: async (key, file, _signal, checkpoint) => {
          checkpoint?.()
          await changed(`put ${key}`, onUnanswered, async () => {
            objects.set(key, Buffer.concat(await file.open().toArray()))
          })
        },
        putMarker: async (key, _signal, checkpoint) => {
          checkpoint?.()
          await changed(`put ${key}`, onUnanswered, () => void objects.set(key, Buffer.alloc(0)))
        },
        getObject: async (key) => objects.get(key),
        readObject: async (key) => {
          const bytes = objects.get(key)
          return bytes === undefined ? undefined : { bytes, isEncryptedAsAsked: true }
        },
        deleteObject: async (key, _signal, checkpoint) => {
          checkpoint?.()
          await changed(`delete ${key}`, onUnanswered, () => void objects.delete(key))
        },
      }),
      close: () => {},
    },
  }
  return bucket
}

function linesOf(gzip: Buffer): string[] {
  const text = gunzipSync(gzip).toString()
  if (!text.endsWith('\n')) throw new Error('the last line does not end with a newline')
  return text.slice(0, -1).split('\n')
}
