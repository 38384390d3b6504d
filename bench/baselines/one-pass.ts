/**
 * Thread task: the least that any ingest of a body has to do, with nothing around it: inflate, parse, check, hash, and
 * compress the lines again. It stores nothing and answers nobody. It shares no code with the product, so that the product
 * can't make its own baseline slower.
 */
import { hash } from 'node:crypto'
import { constants, gunzipSync, gzipSync } from 'node:zlib'

export interface Passed {
  events: number
  /** Of the lines, uncompressed. */
  bytes: number
  compressedBytes: number
  keyBytes: number
}

export function onePass(gzip: Uint8Array): Passed {
  const lines: string[] = []
  const keys: Buffer[] = []
  for (const line of gunzipSync(gzip).toString().split('\n')) {
    if (line === '') continue
    const event: unknown = JSON.parse(line)
    if (!isEvent(event)) throw new Error('the bench has made an event that is none')
    const { time, distinct_id, $insert_id } = event.properties
    keys.push(hash('md5', `${event.event}\0${time}\0${distinct_id}\0${$insert_id}`, 'buffer'))
    lines.push(line)
  }
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  const compressed = gzipSync(bytes, { level: constants.Z_BEST_SPEED })
  return {
    ...{ events: lines.length, bytes: bytes.length, compressedBytes: compressed.length },
    keyBytes: keys.reduce((sum, key) => sum + key.length, 0),
  }
}

interface CheckedEvent {
  event: string
  properties: { time: number; distinct_id: string; $insert_id: string }
}

/** The rules of /import that can't be left out: what must be there, and how large and how deep it may be. */
function isEvent(value: unknown): value is CheckedEvent {
  const { event, properties } = value as Partial<CheckedEvent>
  if (typeof event !== 'string' || event === '' || event.length > 255) return false
  if (typeof properties !== 'object' || properties === null) return false
  const { time, distinct_id, $insert_id } = properties
  if (typeof time !== 'number' || typeof distinct_id !== 'string') return false
  if (typeof $insert_id !== 'string' || !/^[\w-]{1,36}$/.test($insert_id)) return false
  return Object.keys(properties).length < 255 && isShallow(properties, 4)
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  const children = Object.values(value)
  return children.length < 255 && children.every((child) => isShallow(child, levels - 1))
}
