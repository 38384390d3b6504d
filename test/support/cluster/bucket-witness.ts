/**
 * Reads the folders of customers while everything goes wrong, as a customer's job does that takes `complete` for what it
 * means: every file is there, and none changes. What it reads between two listings that are alike was a finished folder.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { BucketObject } from '../bucket-reader.ts'
import { parseLines } from '../bucket-reader.ts'
import type { TenantLife } from './tenant-life.ts'

export interface Witness {
  /** Finished folders that were read whole. */
  readonly seen: number
  /** What no finished folder may look like, in words. */
  readonly objections: readonly string[]
}

export interface BucketWitness extends Witness {
  watch(until: AbortSignal): Promise<void>
}

const restMs = 150

export function createBucketWitness(lives: readonly TenantLife[]): BucketWitness {
  const notes = { seen: 0, objections: [] as string[] }
  return {
    get seen() {
      return notes.seen
    },
    objections: notes.objections,
    watch: async (until) => {
      while (!until.aborted) {
        for (const life of lives) {
          const objections = await witness(life).catch(() => undefined)
          if (objections === undefined) continue
          notes.seen += 1
          notes.objections.push(...objections)
        }
        await sleep(restMs)
      }
    },
  }
}

/** Undefined where there was no finished folder to read, or it changed meanwhile. */
async function witness(life: TenantLife): Promise<string[] | undefined> {
  const { folder, options } = life
  const promised = life.promised()
  if (promised === undefined) return undefined
  const { bucket } = options.account
  const before = await bucket.list(folder)
  if (!before.some(({ key }) => key === `${folder}complete`)) return undefined
  const ids: string[] = []
  for (const { key } of before.filter(({ key }) => key.endsWith('.json.gz'))) {
    const events = parseLines(gunzipSync((await bucket.read(key)).bytes).toString())
    ids.push(...events.map(({ properties }) => String(properties.$insert_id)))
  }
  // What was sent until now may be in it, and nothing else.
  const sent = new Set(life.client.sent.map(({ properties }) => properties.$insert_id))
  if (!isAlike(before, await bucket.list(folder))) return undefined
  const found = new Set(ids)
  const missing = promised.filter(({ properties }) => !found.has(properties.$insert_id)).length
  const foreign = ids.filter((id) => !sent.has(id)).length
  return [
    ...(missing > 0
      ? [`${folder} was complete without ${missing} of ${promised.length} promised events`]
      : []),
    ...(found.size < ids.length
      ? [`${folder} was complete with ${ids.length - found.size} events twice`]
      : []),
    ...(foreign > 0 ? [`${folder} was complete with ${foreign} events that nobody sent`] : []),
  ]
}

function isAlike(left: readonly BucketObject[], right: readonly BucketObject[]): boolean {
  const text = (objects: readonly BucketObject[]) =>
    objects.map(({ key, etag }) => `${key} ${etag}`).join('\n')
  return text(left) === text(right)
}
