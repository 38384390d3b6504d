/**
 * The bytes of a file on their way out, in one buffer that is filled over and over: gigabytes pass through the same few
 * hundred kilobytes, which stay in the processor's cache and are no work for the garbage collector.
 *
 * Whoever pipes it (as the AWS SDK does) gets a chunk written before the next one is read. Whoever reads it as a stream
 * gets copies, since a stream keeps what it gives.
 */
import { Readable } from 'node:stream'

export class FileBytes extends Readable {
  readonly #chunks: AsyncGenerator<Uint8Array>

  /**
   * @param chunks each good until the next one is asked for
   * @param beforeChunk called before each chunk leaves; what it throws breaks the file off, and is its error
   */
  constructor(chunks: AsyncGenerator<Uint8Array>, beforeChunk: () => void = () => {}) {
    super({ objectMode: false })
    this.#chunks = checked(chunks, beforeChunk)
  }

  override _read(): void {
    this.#chunks.next().then(
      ({ done, value }) => this.push(done ? null : Buffer.from(value)),
      (error: Error) => this.destroy(error),
    )
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const end = (): void => callback(error)
    this.#chunks.return(undefined).then(end, end)
  }

  override pipe<Destination extends NodeJS.WritableStream>(destination: Destination): Destination {
    void this.#writeTo(destination)
    return destination
  }

  async #writeTo(destination: NodeJS.WritableStream): Promise<void> {
    try {
      for await (const chunk of this.#chunks) {
        // What breaks there is told by the destination itself.
        if (!(await isWritten(destination, chunk))) return
      }
      // Destroyed is not finished: what lacks its end must not look whole.
      if (!this.destroyed) destination.end()
    } catch (error) {
      this.destroy(error as Error)
    }
  }
}

/** The end counts too: with its last byte a request is whole. */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  beforeChunk: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    beforeChunk()
    yield chunk
  }
  beforeChunk()
}

function isWritten(destination: NodeJS.WritableStream, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false)
    // A request that is destroyed before it has a connection forgets the callbacks of what waits.
    destination.once('close', onClose)
    destination.write(chunk, (error) => {
      destination.off('close', onClose)
      resolve(error === undefined || error === null)
    })
  })
}
