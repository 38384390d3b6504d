/** The uncompressed bytes of a file, of an object or of standard input, as a stream. */
import { createReadStream } from 'node:fs'
import { addAbortSignal, pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { foreignForm, isGzip, magicBytesMax } from './foreign-form.ts'
import { isStoredObject, type StoredObjects } from './stored-objects.ts'

export interface SourceOptions {
  stdin: Readable
  objects: StoredObjects
  /** Ends the stream with an error, also where it waits for input. */
  signal: AbortSignal
  /** Told of bytes as they are read, before they are inflated. */
  onBytes(count: number): void
}

export const standardInput = '-'

const readBytes = 256 * 1024
const inflatedChunkBytes = 256 * 1024

/** `file` is a path, an `s3://` URL of an object, or `-` for standard input. What is gzip is told by its first bytes, not by its name. */
export async function* openSource(file: string, options: SourceOptions): AsyncGenerator<Buffer> {
  const chunks = counted(openBytes(file, options), options.onBytes)
  const head = await readHead(chunks)
  const foreign = foreignForm(head)
  if (foreign !== undefined)
    throw new Error(`it is ${foreign}; turn it into JSON text in UTF-8 or gzip of it`)
  const whole = prepend(head, chunks)
  yield* isGzip(head) ? inflated(whole) : whole
}

function openBytes(file: string, { stdin, objects, signal }: SourceOptions): AsyncIterable<Buffer> {
  if (isStoredObject(file)) return objects.open(file, signal)
  const stream = file === standardInput ? stdin : createReadStream(file, { highWaterMark: readBytes })
  return addAbortSignal(signal, stream)
}

async function* counted(
  stream: AsyncIterable<Buffer>,
  onBytes: SourceOptions['onBytes'],
): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    onBytes(chunk.length)
    yield chunk
  }
}

/** Pipes may hand out single bytes: reads on until the form can be told. */
async function readHead(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < magicBytesMax) {
    const { value, done } = await chunks.next()
    if (done) break
    head = head.length === 0 ? value : Buffer.concat([head, value])
  }
  return head
}

async function* prepend(head: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  yield* chunks
}

function inflated(chunks: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes })
  // An error of either stream reaches whoever reads from the last one: the callback has nothing to add.
  pipeline(Readable.from(chunks, { objectMode: false, highWaterMark: readBytes }), gunzip, () => undefined)
  return gunzip
}
