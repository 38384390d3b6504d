/**
 * Objects on disk: `<dir>/<bucket>/<random>.data` for the bytes, `<sha256 of the key>.json` for the rest.
 * A JSON file that is there names a data file that is whole: an object appears, changes and goes at once.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { compareKeys, placeOf } from './key-order.ts'
import { type StoredObject, storedObjectSchema } from './object-metadata.ts'

interface BucketContent {
  readonly objects: Map<string, StoredObject>
  /** Of all objects. A change moves one key: a bucket of a hundred thousand is listed as fast as one of ten. */
  readonly sortedKeys: string[]
}

/** Bytes that arrive: kept apart until they are committed, gone when they are discarded. */
export interface PendingFile {
  readonly path: string
  readonly handle: FileHandle
}

export class ObjectStore {
  readonly #dir: string
  readonly #pendingDir: string
  readonly #buckets = new Map<string, BucketContent>()

  /** Opens a folder, with what an earlier sandbox left in it. */
  constructor(dir: string) {
    this.#dir = join(dir, 'objects')
    this.#pendingDir = join(dir, 'pending')
    rmSync(this.#pendingDir, { recursive: true, force: true })
    mkdirSync(this.#pendingDir, { recursive: true })
    mkdirSync(this.#dir, { recursive: true })
    for (const bucket of readdirSync(this.#dir)) this.#load(bucket)
  }

  get(bucket: string, key: string): StoredObject | null {
    return this.#content(bucket).objects.get(key) ?? null
  }

  /** All keys of a bucket, in the order of their UTF-8 bytes. */
  sortedKeys(bucket: string): readonly string[] {
    return this.#content(bucket).sortedKeys
  }

  async begin(): Promise<PendingFile> {
    const path = join(this.#pendingDir, randomUUID())
    return { path, handle: await open(path, 'wx+') }
  }

  async discard({ path, handle }: PendingFile): Promise<void> {
    await handle.close()
    rmSync(path, { force: true })
  }

  /**
   * Makes pending bytes an object, in the place of one with the same key. Synchronous: nothing can come between
   * the caller's look at the object that is there and its replacement.
   */
  commit(bucket: string, pending: PendingFile, metadata: Omit<StoredObject, 'file'>): StoredObject {
    const object = { ...metadata, file: `${randomUUID()}.data` }
    const earlier = this.get(bucket, object.key)
    mkdirSync(join(this.#dir, bucket), { recursive: true })
    renameSync(pending.path, join(this.#dir, bucket, object.file))
    const written = `${pending.path}.json`
    writeFileSync(written, JSON.stringify(object))
    renameSync(written, this.#metadataPath(bucket, object.key))
    const { objects, sortedKeys } = this.#content(bucket)
    objects.set(object.key, object)
    if (earlier === null) sortedKeys.splice(placeOf(sortedKeys, object.key), 0, object.key)
    if (earlier !== null) rmSync(join(this.#dir, bucket, earlier.file), { force: true })
    return object
  }

  delete(bucket: string, key: string): void {
    const object = this.get(bucket, key)
    if (object === null) return
    rmSync(this.#metadataPath(bucket, key), { force: true })
    rmSync(join(this.#dir, bucket, object.file), { force: true })
    const { objects, sortedKeys } = this.#content(bucket)
    objects.delete(key)
    sortedKeys.splice(placeOf(sortedKeys, key), 1)
  }

  /** The bytes from `start` to before `end`. The file is open on return: a replacement does not disturb the reader. */
  read(bucket: string, object: StoredObject, start: number, end: number): Readable {
    if (end === start) return Readable.from([])
    const path = join(this.#dir, bucket, object.file)
    return createReadStream(path, { fd: openSync(path, 'r'), start, end: end - 1 })
  }

  #load(bucket: string): void {
    const dir = join(this.#dir, bucket)
    const names = readdirSync(dir)
    const { objects, sortedKeys } = this.#content(bucket)
    for (const name of names.filter((name) => name.endsWith('.json'))) {
      const object = storedObjectSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')))
      objects.set(object.key, object)
    }
    sortedKeys.push(...[...objects.keys()].sort(compareKeys))
    const kept = new Set([...objects.values()].map(({ file }) => file))
    const strays = names.filter((name) => name.endsWith('.data') && !kept.has(name))
    for (const name of strays) rmSync(join(dir, name), { force: true })
  }

  #content(bucket: string): BucketContent {
    const known = this.#buckets.get(bucket)
    if (known !== undefined) return known
    const content: BucketContent = { objects: new Map(), sortedKeys: [] }
    this.#buckets.set(bucket, content)
    return content
  }

  #metadataPath(bucket: string, key: string): string {
    return join(this.#dir, bucket, `${createHash('sha256').update(key).digest('hex')}.json`)
  }
}
